"""The questions of a quiz: each is saved by itself, as a version of the draft."""

from functools import partial
from itertools import count, takewhile
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from authoring import drafting, questions
from authoring.questions import GivenChoice
from progress.models import Course

from .builder import checked_number, draft_action, key_of

EXTRA_ROWS = 3
MAX_CHOICE_CHARACTERS = 1000


def question_rows(item: dict) -> list[dict]:
    """A quiz's questions for the page, each with empty rows for more choices; last a new one."""
    stored = item.get("questions", [])
    rows = [
        {
            "code": question["code"],
            "text": question["text"],
            "choices": [*question["choices"], *_empty_rows()],
            "before": index - 1,
            "after": index + 1,
            "is_first": index == 0,
            "is_last": index == len(stored) - 1,
        }
        for index, question in enumerate(stored)
    ]
    return [*rows, {"code": "", "text": "", "choices": _empty_rows()}]


def _empty_rows() -> list[dict]:
    return [{"text": "", "correct": False} for _row in range(EXTRA_ROWS)]


@draft_action
def save_question(request, course, number):
    text = request.POST.get("text", "").strip()
    choices = _given_choices(request.POST)
    if not text:
        messages.error(request, _("A question needs a text."))
    elif any(len(each.text) > MAX_CHOICE_CHARACTERS for each in choices):
        messages.error(request, _("A choice has at most 1,000 characters."))
    else:
        code = request.POST.get("question", "")
        values = {"key": key_of(request), "code": code, "text": text, "choices": choices}
        edit = partial(questions.save_question, **values)
        drafting.change(course, request.user, number, edit)
    return _to_quiz(request, course)


def _given_choices(values) -> list[GivenChoice]:
    """The rows of choices that were sent; those of the stored question come first, in its order."""
    sent = takewhile(lambda index: f"choice-{index}" in values, count())
    return [
        GivenChoice(index, values[f"choice-{index}"].strip(), f"correct-{index}" in values)
        for index in sent
    ]


@draft_action
def remove_question(request, course, number):
    code = request.POST.get("question", "")
    edit = partial(questions.remove_question, key=key_of(request), code=code)
    drafting.change(course, request.user, number, edit)
    return _to_quiz(request, course)


@draft_action
def move_question(request, course, number):
    code, to = request.POST.get("question", ""), checked_number(request.POST.get("to", ""))
    edit = partial(questions.move_question, key=key_of(request), code=code, to=to)
    drafting.change(course, request.user, number, edit)
    return _to_quiz(request, course)


def _to_quiz(request, course: Course):
    module, content = key_of(request)
    address = reverse("build-content", args=[course.pk])
    return redirect(f"{address}?{urlencode({'module': module, 'content': content})}#questions")
