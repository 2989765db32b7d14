"""A learner's own notes and bookmarks: on a content's page, and as a file for a course."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress.models import Note
from progress.models.notes import MAX_NOTE_LENGTH
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

from . import outline
from .enrolled import course_state
from .places import place
from .zone import in_own_zone

MAX_NOTES = 500  # of one learner on one content


class NoteForm(forms.Form):
    text = forms.CharField(required=False, max_length=MAX_NOTE_LENGTH)
    position = forms.FloatField(required=False, min_value=0)


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: int
    text: str
    place: str  # `2:05`, `page 4`, `40 %`; "" for the whole content
    url: str


def note_rows(state: CourseState, content: ContentSpec) -> list[NoteRow]:
    """The learner's notes on a content, in its order; those on the whole content last."""
    found = Note.objects.filter(user_id=state.enrollment.user_id, content_id=content.id)
    page = outline.content_url(state.structure.course_id, content.id)
    return [_row(content, note, page) for note in found]


@login_required
@require_POST
def add(request, course_id: int, content_id: int):
    content = _own_content(request, course_id, content_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("text", form.errors.get("position", []))))
        return redirect("content", course_id, content_id)
    own = Note.objects.filter(user=request.user, content_id=content.id)
    text, position = form.cleaned_data["text"].strip(), _position_milli(content, form)
    if own.count() >= MAX_NOTES:
        messages.error(request, _("You have written as many notes here as there may be."))
    elif not text and position is None:
        messages.error(request, _("Please write something first."))
    else:
        own.create(user=request.user, content_id=content.id, text=text, position_milli=position)
    return redirect("content", course_id, content_id)


@login_required
@require_POST
def delete(request, course_id: int, content_id: int, note_id: int):
    _own_content(request, course_id, content_id)
    found = get_object_or_404(Note, pk=note_id, user=request.user, content_id=content_id)
    found.delete()
    return redirect("content", course_id, content_id)


@never_cache
@login_required
@in_own_zone
@require_GET
def export(request, course_id: int):
    """All notes of a course, as a text file in the course's order."""
    state = course_state(request, course_id)
    notes: dict[int, list[Note]] = {}
    for note in Note.objects.filter(user=request.user, content__module__course=course_id):
        notes.setdefault(note.content_id, []).append(note)
    lines = [f"# {state.enrollment.course.title}"]
    for content in state.structure.contents.values():
        if content.id in notes and not content.is_hidden:
            lines += ["", f"## {content.title}", ""]
            lines += [_exported(content, note) for note in notes[content.id]]
    answer = HttpResponse("\n".join(lines) + "\n", content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="notes-{course_id}.md"'
    return answer


def _own_content(request, course_id: int, content_id: int) -> ContentSpec:
    state = course_state(request, course_id)
    content = state.structure.contents.get(content_id)
    if content is None or not content.is_active or not state.is_open(content):
        raise Http404
    return content


def _position_milli(content: ContentSpec, form: NoteForm) -> int | None:
    """The position within the content; a page from 1, everything else from 0."""
    position = form.cleaned_data["position"]
    if position is None or not content.extent or content.is_quiz:
        return None
    last = content.extent / content.units
    return round(1000 * min(position, last))


def _row(content: ContentSpec, note: Note, page: str) -> NoteRow:
    if note.position_milli is None:
        return NoteRow(note.pk, note.text, "", "")
    position = note.position_milli / 1000
    return NoteRow(note.pk, note.text, place(content, position), f"{page}#at={position:g}")


def _exported(content: ContentSpec, note: Note) -> str:
    row = _row(content, note, "")
    text = " ".join(row.text.split())
    return f"- {row.place}: {text}" if row.place and text else f"- {row.place or text}"
