"""A content of a draft as a learner will see it. Nothing is tracked: the page has no script."""

from dataclasses import fields
from types import SimpleNamespace
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from authoring import drafting
from authoring.obstacles import advice_on, what_is_missing
from progress.catalogue import completable
from progress.catalogue.document import ContentDocument
from progress.catalogue.questions import document_type
from progress.catalogue.replacing import content_values
from progress.models import Course
from progress.pages import content_files, players, words
from progress.pages.asking import ask
from progress.state.structure import ContentSpec
from progress.validation.content_urls import is_own_address, safe_url

from .files import own_course

_LENGTH = {"duration_seconds"}
# What a learner would have: nothing done yet.
_NOT_BEGUN = {
    "percent": 0,
    "is_complete": False,
    "is_waived": False,
    "is_open": True,
    "spans": [],
    "state": "",
}


@never_cache
@login_required
@require_GET
def preview(request, course_id: int):
    """The content that the URL names by `module` and `content`; else the first one."""
    course = own_course(request.user, course_id)
    shown = drafting.shown(course)
    rows = _rows(course, shown.document)
    contents = [each for row in rows for each in row["contents"]]
    if not contents:
        return redirect("build-course", course.pk)
    asked = request.GET.get("module"), request.GET.get("content")
    index = next((at for at, each in enumerate(contents) if each["key"] == asked), 0)
    row = contents[index]
    context = {
        "course": course,
        "back_url": reverse("build-course", args=[course.pk]),
        "course_percent": 0,
        "modules": rows,
        "row": row,
        "content": row["content"],
        "is_open": True,
        "is_preview": True,
        "number": shown.number,
        "following": contents[index + 1] if index + 1 < len(contents) else None,
    }
    context |= _of_type(request, row)
    response = render(request, "authoring/preview.html", context)
    # A private file may be at another site, to which its address leads on.
    if context.get("is_pdf") or row["content"].content_type == "embed":
        return players.opens_pages(response)
    return players.opens(response, context.get("film"))


def _rows(course: Course, document: dict) -> list[dict]:
    """The modules with the contents that aren't hidden, as the learner's pages want them."""
    number, rows = 0, []
    for module in document["modules"]:
        contents = []
        for item in module["contents"]:
            if not item.get("hidden"):
                number += 1
                contents.append(_row(course, module, item, number))
        rows.append({"title": module["title"], "contents": contents})
    return rows


def _row(course: Course, module: dict, item: dict, number: int) -> dict:
    key = module["code"], item["code"]
    query = urlencode({"module": key[0], "content": key[1]})
    url = f"{reverse('build-preview', args=[course.pk])}?{query}"
    plain = SimpleNamespace(id=number, title=item["title"], content_type=item["content_type"])
    return _NOT_BEGUN | {"key": key, "url": url, "item": item, "content": plain}


def _of_type(request, row: dict) -> dict:
    """The content itself, and what only its type needs; or what is still missing."""
    serializer = ContentDocument(data=row["item"])
    if not serializer.is_valid():
        unfinished = {"unfinished": _sentences(row["item"], serializer.errors)}
        # What it lacks may be the length, which its player says.
        lacks_length = set(serializer.errors) == _LENGTH
        return unfinished | {"film": _film(request, row)} if lacks_length else unfinished
    if missing := what_is_missing(row["item"]):
        return {"unfinished": [missing]}
    content = _spec(serializer.validated_data, row["content"].id)
    is_own = is_own_address(content.url, request.get_host())
    found: dict = {"content": content, "is_own_page": is_own}
    if content.is_quiz:
        return found | _quiz(row["item"])
    if content.is_embed:
        seconds = content.view_seconds
        return found | {"view_time": words.duration(seconds) if seconds else ""}
    if content.is_binned:
        return found | {"markup": content_files.markup_of(content)}
    if content.is_media:
        film = players.film_of(content.url, content.content_type, request)
        return found | content_files.media_files(content) | {"film": film}
    return found | {"is_pdf": completable.is_pdf(content.url)}


def _film(request, row: dict) -> dict | None:
    """The player of a content that can't be shown to learners yet."""
    return players.film_of(safe_url(row["item"]["url"]), row["content"].content_type, request)


def _sentences(item: dict, errors: dict) -> list[str]:
    """What to do, one sentence for each field at fault."""
    return [
        advice_on(item, [name]) or f"{name}: {' '.join(map(str, _flat(found)))}"
        for name, found in errors.items()
    ]


def _flat(found) -> list:
    if isinstance(found, dict):
        return [each for inner in found.values() for each in _flat(inner)]
    if isinstance(found, list):
        return [each for inner in found for each in _flat(inner)]
    return [found] if found else []


def _spec(document: dict, number: int) -> ContentSpec:
    """A content of a document as the learner's pages read it, without links to others."""
    columns = content_values(document)
    columns |= {
        "id": number,
        "module_id": 0,
        "is_active": True,
        "is_hidden": False,
        "edition_since": None,
        "prerequisites": (),
        "questions": (),
        "pools": (),
        "waives": (),
        "skills": tuple(columns["skills"]),
        "url": safe_url(columns["url"]),
    }
    names = {field.name for field in fields(ContentSpec)}
    return ContentSpec(**{name: value for name, value in columns.items() if name in names})


def _shown(number: int, item: dict, **more) -> SimpleNamespace:
    """A question or a choice of a document as the learner's pages read it."""
    image, alt = item.get("image", ""), item.get("image_alt", "")
    return SimpleNamespace(pk=number, text=item["text"], image=image, image_alt=alt, **more)


def _quiz(item: dict) -> dict:
    """The questions, which can be read and not answered."""
    questions = []
    for number, question in enumerate(item["questions"], 1):
        choices = [
            _shown(at, choice, match_code=choice.get("match", ""))
            for at, choice in enumerate(question["choices"], 1)
        ]
        shown = _shown(number, question)
        questions.append(ask(shown, document_type(question), choices, []))
    passing = item.get("pass_percentage")
    return {
        "number": 1,
        "max_attempts": item.get("max_attempts"),
        "pass_percent": None if passing is None else f"{passing:g}",
        "can_answer": True,
        "questions": questions,
        "quiz_words": {},
    }
