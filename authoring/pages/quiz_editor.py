"""The questions of a quiz: each is saved by itself, as a version of the draft."""

import re
from collections import Counter
from functools import partial
from itertools import count, takewhile
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from authoring import drafting, questions
from authoring.addresses import urls_of
from authoring.models import Kind, Role, StoredFile
from authoring.questions import GivenChoice, GivenQuestion
from progress.catalogue.pictures import MAX_ALT_CHARACTERS
from progress.catalogue.questions import (
    MAX_EXPLANATION_CHARACTERS,
    MAX_POOL_CHARACTERS,
    document_type,
)
from progress.models import Course, Question
from progress.rules import grading

from .builder import checked_number, draft_action, key_of

Type = Question.Type
EXTRA_ROWS = 3
MAX_CHOICE_CHARACTERS = 1000
_PLACE = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})", re.ASCII)


TYPE_NAMES = {
    Type.SINGLE: _lazy("One choice"),
    Type.MULTIPLE: _lazy("Several choices"),
    Type.TRUE_FALSE: _lazy("True or false"),
    Type.ORDERING: _lazy("Ordering"),
    Type.MATCHING: _lazy("Matching"),
    Type.NUMERIC: _lazy("A number"),
    Type.SHORT_TEXT: _lazy("A short text"),
}


def question_rows(item: dict, new_type: str) -> list[dict]:
    """A quiz's questions for the page, each with empty rows for more choices; last a new one."""
    stored = item.get("questions", [])
    rows = [
        {
            "code": question["code"],
            "text": question["text"],
            "tolerance": question.get("tolerance", ""),
            "image": question.get("image", ""),
            "image_alt": question.get("image_alt", ""),
            "pool": question.get("pool", ""),
            "explanation": question.get("explanation", ""),
            "taught_in": question.get("taught_in"),
            "taught_at": question.get("taught_at"),
            "before": index - 1,
            "after": index + 1,
            "is_first": index == 0,
            "is_last": index == len(stored) - 1,
        }
        | {"has_pictures": any(each.get("image") for each in [question, *question["choices"]])}
        | _typed(document_type(question), question["choices"])
        for index, question in enumerate(stored)
    ]
    new_type = new_type if new_type in Type.values else Type.SINGLE
    return [*rows, {"code": "", "text": ""} | _typed(new_type, [])]


def _typed(question_type: str, stored: list[dict]) -> dict:
    choices = stored
    if question_type == Type.MATCHING:
        choices = _matching_rows(stored)
    elif question_type == Type.TRUE_FALSE and not stored:
        choices = [{"text": _("True"), "correct": True}, {"text": _("False")}]
    empty = [] if question_type == Type.TRUE_FALSE else [{"text": ""} for _row in range(EXTRA_ROWS)]
    return {
        "type": question_type,
        "type_name": TYPE_NAMES[question_type],
        "choices": [*choices, *empty],
        "is_chosen": question_type not in Question.NOT_CHOSEN,
    }


def pool_rows(item: dict) -> list[dict]:
    """The pools of a quiz: how many questions each has, and how many are drawn."""
    sizes = Counter(question.get("pool") for question in item.get("questions", []))
    return [
        {"name": name, "draw": wanted, "size": sizes[name]}
        for name, wanted in item.get("pools", {}).items()
    ]


def lessons(document: dict) -> list[tuple[str, str]]:
    """The contents in which a question can be taught: their codes and titles."""
    return [
        (each["code"], each["title"])
        for module in document["modules"]
        for each in module["contents"]
        if each["content_type"] != "quiz"
    ]


def _matching_rows(choices: list[dict]) -> list[dict]:
    prompts, loose = questions.sides(choices)
    texts = {each.get("code"): each["text"] for each in choices}
    rows = [{"text": each["text"], "match": texts.get(each["match"], "")} for each in prompts]
    return [*rows, *({"text": "", "match": each["text"]} for each in loose)]


@draft_action
def save_question(request, course, number):
    given, place = _given_question(request.POST), request.POST.get("taught-at", "").strip()
    problem = _problem(given)
    if given.taught_in and place and given.taught_at is None:
        problem = problem or _("A place is a second (95 or 1:35), a page or a paragraph.")
    if problem:
        messages.error(request, problem)
    else:
        code = request.POST.get("question", "")
        edit = partial(questions.save_question, key=key_of(request), code=code, given=given)
        drafting.change(course, request.user, number, edit)
    return _to_quiz(request, course)


def _given_question(values) -> GivenQuestion:
    kind = values.get("type", "")
    return GivenQuestion(
        text=values.get("text", "").strip(),
        choices=_given_choices(values),
        question_type=kind if kind in Type.values else "",
        tolerance=values.get("tolerance", "").strip() if kind == Type.NUMERIC else "",
        **_picture(values, ""),
        pool=" ".join(values.get("pool", "").split()),
        explanation=_text(values, "explanation"),
        taught_in=values.get("taught-in") or None,
        taught_at=_lesson_place(values.get("taught-at", "")) if values.get("taught-in") else None,
    )


def _text(values, name: str) -> str:
    return values.get(name, "").replace("\r\n", "\n").strip()


def _picture(values, suffix: str) -> dict:
    """The picture of a question, or of a choice by the suffix of its fields."""
    image = values.get(f"image{suffix}", "")
    alt = " ".join(values.get(f"image-alt{suffix}", "").split())
    return {"image": image, "image_alt": alt if image else ""}


def pictures(course: Course, item: dict) -> list[tuple[str, str]]:
    """The uploaded pictures of a course, and others that the quiz has: addresses and names."""
    stored = StoredFile.objects.current().filter(course=course, role=Role.CONTENT, kind=Kind.IMAGE)
    found = {each.address: each.name for each in stored}
    others = {url: url for url in urls_of(item) if url and url != item.get("url")}
    return list((others | found).items())


def _lesson_place(text: str) -> int | None:
    """A second (`95` or `1:35`), a page or a paragraph; None for neither."""
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


def _problem(given: GivenQuestion) -> str:
    """What can't be saved even in a draft; "" where all can."""
    if not given.text:
        return _("A question needs a text.")
    described = [(given.image, given.image_alt)]
    described += [(each.image, each.image_alt) for each in given.choices]
    if any(image and not alt for image, alt in described):
        return _("Say what each picture shows, for those who don't see it.")
    if any(len(alt) > MAX_ALT_CHARACTERS for _image, alt in described):
        return _("What a picture shows is said in at most 500 characters.")
    if len(given.pool) > MAX_POOL_CHARACTERS:
        return _("The name of a pool has at most 100 characters.")
    explanations = [given.explanation, *(each.explanation for each in given.choices)]
    if any(len(text) > MAX_EXPLANATION_CHARACTERS for text in explanations):
        return _("An explanation has at most 5,000 characters.")
    texts = [text for each in given.choices for text in (each.text, each.match)]
    if any(len(text) > MAX_CHOICE_CHARACTERS for text in texts):
        return _("A choice has at most 1,000 characters.")
    if given.question_type == Type.MATCHING and any(
        each.text and not each.match for each in given.choices
    ):
        return _("Say for each what belongs to it.")
    if given.question_type == Type.NUMERIC and any(
        text and grading.number(text) is None
        for text in (given.tolerance, *(each.text for each in given.choices))
    ):
        return _("An answer and its tolerance are numbers, such as 3.5.")
    return ""


def _given_choices(values) -> list[GivenChoice]:
    """The rows of choices that were sent; those of the stored question come first, in its order."""
    sent = takewhile(lambda index: f"choice-{index}" in values, count())
    return [
        GivenChoice(
            index,
            values[f"choice-{index}"].strip(),
            f"correct-{index}" in values or values.get("correct") == str(index),
            _place(values.get(f"place-{index}", "")),
            values.get(f"match-{index}", "").strip(),
            _text(values, f"explanation-{index}"),
            **_picture(values, f"-{index}"),
        )
        for index in sent
    ]


def _place(text: str) -> int:
    """Rows without a place come last."""
    return int(text) if text.isdecimal() and len(text) < 6 else 10**6


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


@draft_action
def save_pools(request, course, number):
    """How many questions each attempt asks of every pool: fields `draw-0`, … in their order."""
    key = key_of(request)
    names = request.POST.getlist("pool")
    draws = {
        name: int(text)
        for index, name in enumerate(names)
        if (text := request.POST.get(f"draw-{index}", "")).isdecimal() and 0 < int(text) <= 10_000
    }
    if len(draws) < len(names):
        messages.error(request, _("Say for each pool how many questions are drawn, from 1."))
    else:
        edit = partial(questions.save_pools, key=key, draws=draws)
        drafting.change(course, request.user, number, edit)
    return _to_quiz(request, course)


def _to_quiz(request, course: Course):
    module, content = key_of(request)
    address = reverse("build-content", args=[course.pk])
    return redirect(f"{address}?{urlencode({'module': module, 'content': content})}#questions")
