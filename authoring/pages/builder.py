"""The page on which an author builds a course: outline, contents, undo, publish."""

from collections.abc import Callable
from functools import partial, wraps
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from authoring import drafting, outline
from authoring.addresses import files_in
from authoring.drafting import ChangedElsewhere, NotPublishable, Shown
from authoring.models import StoredFile
from authoring.outline import NotPossible
from progress.catalogue.media_length import TOLERANCE_MS
from progress.models import Course
from progress.pages.words import clock

from .files import own_course
from .forms import TYPES, CourseForm, NewContentForm, TitleForm


@never_cache
@login_required
@require_GET
def build(request, course_id: int):
    """The outline of a course, as its draft has it."""
    course = own_course(request.user, course_id)
    return _page(request, course, drafting.shown(course))


def _page(request, course: Course, shown: Shown, obstacles=(), status: int = 200):
    document = shown.document
    return render(
        request,
        "authoring/build.html",
        {
            "course": course,
            "shown": shown,
            "document": document,
            "modules": _module_rows(document),
            "course_form": CourseForm(initial=document),
            "new_module": TitleForm(prefix="module"),
            "new_content": NewContentForm(prefix="content"),
            "obstacles": obstacles,
        },
        status=status,
    )


def _module_rows(document: dict) -> list[dict]:
    """The modules and contents, each with where its buttons would move it."""
    modules, files, rows = document["modules"], files_in(document), []
    for index, module in enumerate(modules):
        before = modules[index - 1] if index else None
        after = modules[index + 1] if index + 1 < len(modules) else None
        contents = [
            {
                "content": each,
                "type": TYPES[each["content_type"]],
                "mismatch": _mismatch(each, files.get(each.get("url") or "")),
                "up": _place_above(module, at, before),
                "down": _place_below(module, at, after),
            }
            for at, each in enumerate(module["contents"])
        ]
        rows.append({"module": module, "contents": contents, "index": index})
    return rows


def _mismatch(content: dict, stored: StoredFile | None) -> str:
    """Where a content says less than its file has, or more; "" if they agree."""
    if stored is None:
        return ""
    seconds, pages = content.get("duration_seconds"), content.get("page_count")
    if seconds and stored.duration_ms and stored.duration_ms - seconds * 1000 > TOLERANCE_MS:
        lengths = {"real": clock(stored.duration_ms), "given": clock(round(seconds * 1000))}
        return _("The file is %(real)s long, only the first %(given)s count.") % lengths
    if seconds and stored.duration_ms and seconds * 1000 - stored.duration_ms > TOLERANCE_MS:
        lengths = {"real": clock(stored.duration_ms), "given": clock(round(seconds * 1000))}
        return _("The file is only %(real)s long, not %(given)s: leave the length empty.") % lengths
    if pages and stored.page_count and pages > stored.page_count:
        counts = {"real": stored.page_count, "given": pages}
        text = _("The PDF has only %(real)s pages, not %(given)s: leave their number empty.")
        return text % counts
    if pages and stored.page_count and pages < stored.page_count:
        counts = {"real": stored.page_count, "given": pages}
        return _("The PDF has %(real)s pages, only the first %(given)s count.") % counts
    return ""


def _place_above(module: dict, at: int, before: dict | None) -> dict | None:
    """One place up; from the first place to the end of the module before, if there is one."""
    if at:
        return {"into": module["code"], "to": at - 1}
    return {"into": before["code"], "to": len(before["contents"])} if before else None


def _place_below(module: dict, at: int, after: dict | None) -> dict | None:
    if at + 1 < len(module["contents"]):
        return {"into": module["code"], "to": at + 1}
    return {"into": after["code"], "to": 0} if after else None


# --- Changes -------------------------------------------------------------------------------------
def draft_action(view):
    """A POST that changes the draft at the version that the page showed, and goes back to it."""

    @never_cache
    @login_required
    @require_POST
    @wraps(view)
    def action(request, course_id: int):
        course = own_course(request.user, course_id)
        try:
            return view(request, course, number_of(request)) or redirect("build-course", course.pk)
        except (ChangedElsewhere, NotPossible):
            messages.error(request, changed_elsewhere())
            return redirect("build-course", course.pk)

    return action


def number_of(request) -> int:
    """The version that the page showed."""
    return _whole_number(request, "number")


def _whole_number(request, name: str) -> int:
    return checked_number(request.POST.get(name, ""))


def checked_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Http404
    return int(text)


def changed_elsewhere() -> str:
    return _("This course was changed in another window meanwhile. Here is how it is now.")


def key_of(request) -> outline.Key:
    return request.POST.get("module", ""), request.POST.get("content", "")


def _edit(request, course: Course, number: int, edit: Callable[[dict], dict]) -> None:
    drafting.change(course, request.user, number, edit)


@draft_action
def change_course(request, course, number):
    form = CourseForm(request.POST)
    if form.is_valid():
        _edit(request, course, number, lambda it: outline.change_course(it, **form.cleaned_data))
    else:
        messages.error(request, _("A course needs a title of at most 300 characters."))


@draft_action
def add_module(request, course, number):
    form = TitleForm(request.POST, prefix="module")
    if form.is_valid():
        title = form.cleaned_data["title"]
        _edit(request, course, number, lambda it: outline.add_module(it, title))
    else:
        messages.error(request, _("A module needs a title of at most 300 characters."))


@draft_action
def add_content(request, course, number):
    form = NewContentForm(request.POST, prefix="content")
    if not form.is_valid():
        messages.error(request, _("A content needs a title of at most 300 characters."))
        return None
    keys: list[outline.Key] = []

    def edit(document: dict) -> dict:
        changed, key = outline.add_content(document, key_of(request)[0], form.cleaned_data)
        keys.append(key)
        return changed

    _edit(request, course, number, edit)
    address = reverse("build-content", args=[course.pk])
    return redirect(
        f"{address}?{urlencode(dict(zip(('module', 'content'), keys[0], strict=True)))}"
    )


@draft_action
def rename_module(request, course, number):
    form = TitleForm(request.POST)
    if form.is_valid():
        code, title = key_of(request)[0], form.cleaned_data["title"]
        _edit(request, course, number, lambda it: outline.rename_module(it, code, title))
    else:
        messages.error(request, _("A module needs a title of at most 300 characters."))


@draft_action
def move(request, course, number):
    """Move a module to the place `to`, or a content to `place`: the number, a space, a module."""
    module, content = key_of(request)
    if content:
        place, _space, into = request.POST.get("place", "").partition(" ")
        to = checked_number(place)
        edit = partial(outline.move_content, key=(module, content), module_code=into, to=to)
    else:
        edit = partial(outline.move_module, code=module, to=_whole_number(request, "to"))
    _edit(request, course, number, edit)


@draft_action
def remove(request, course, number):
    """Retire a module or content: what learners did in it stays."""
    module, content = key_of(request)
    if content:
        edit = partial(outline.remove_content, key=(module, content))
    else:
        edit = partial(outline.remove_module, code=module)
    _edit(request, course, number, edit)


@draft_action
def duplicate(request, course, number):
    module, content = key_of(request)
    title = _("%(title)s (copy)") % {"title": request.POST.get("title", "")[:280]}
    if content:
        edit = partial(outline.duplicate_content, key=(module, content), title=title)
    else:
        edit = partial(outline.duplicate_module, code=module, title=title)
    _edit(request, course, number, edit)


@draft_action
def undo(request, course, number):
    drafting.step(course, number, -1)


@draft_action
def redo(request, course, number):
    drafting.step(course, number, 1)


@draft_action
def discard(request, course, number):
    drafting.discard(course)
    messages.success(request, _("The draft was discarded."))


@draft_action
def publish(request, course, number):
    """Publish the draft; or show the page with what stands in the way."""
    try:
        drafting.publish(course, request.user, number)
    except NotPublishable as refused:
        return _page(request, course, drafting.shown(course), refused.found, status=400)
    messages.success(request, _("Published: learners see the course as it is here."))
    return None
