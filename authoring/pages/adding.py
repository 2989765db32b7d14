"""Uploaded files become contents of the draft, at the end of one of its modules."""

from pathlib import PurePosixPath
from uuid import UUID

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from authoring import drafting, outline
from authoring.models import Kind, Role, State, StoredFile

from .builder import draft_action, key_of

MAX_ADDED = 200
_TYPES = {
    Kind.VIDEO: "video",
    Kind.AUDIO: "audio",
    Kind.PDF: "document",
    Kind.TEXT: "text",
}


@draft_action
def add_files(request, course, number):
    """Add the files that were ticked, in the order of their names; no module means a new one."""
    ids = _ids(request.POST.getlist("file")[:MAX_ADDED])
    found = StoredFile.objects.current().filter(course=course, role=Role.CONTENT, kind__in=_TYPES)
    found = found.exclude(state=State.FAILED)
    stored = sorted(found.filter(public_id__in=ids), key=lambda each: each.name)
    if not stored:
        messages.error(request, _("Choose at least one file."))
        return
    code = key_of(request)[0]
    drafting.change(course, request.user, number, lambda it: _with_files(it, code, stored))
    added = len(stored)
    text = ngettext("%(count)d content added.", "%(count)d contents added.", added)
    messages.success(request, text % {"count": added})


def _with_files(document: dict, module_code: str, files: list[StoredFile]) -> dict:
    """Raises NotPossible if there is no such module any more."""
    if not module_code:
        document = outline.add_module(document, _("Contents"))
        module_code = document["modules"][-1]["code"]
    for each in files:
        title = PurePosixPath(each.name).stem
        values = {"title": title, "content_type": _TYPES[Kind(each.kind)], "url": each.address}
        document, _key = outline.add_content(document, module_code, values)
    return document


def _ids(values: list[str]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
