"""A course's files: listed for its authors, served to whoever may see them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from authoring import drafting, serving, uploading
from authoring.addresses import files_in
from authoring.models import Kind, Role, StoredFile
from progress.models import Course
from progress.pages import words
from progress.pages.content_files import language_name
from progress.security import rights

# Offered first; any other language can be typed by its code.
LANGUAGES = (
    "en",
    "ar",
    "de",
    "es",
    "fr",
    "hi",
    "it",
    "nl",
    "pl",
    "pt",
    "ru",
    "tr",
    "uk",
    "zh-hans",
)


def own_course(user, course_id: int) -> Course:
    """A course that the user may change; 404 for any other."""
    return get_object_or_404(rights.writable_courses(user).active(), pk=course_id)


@never_cache
@login_required
@require_GET
def course_files(request, course_id: int):
    """The files of a course, and where to upload more."""
    course = own_course(request.user, course_id)
    stored = StoredFile.objects.current().filter(course=course, role=Role.CONTENT)
    files = stored.prefetch_related("belongings")
    shown = drafting.shown(course)
    used = {each.pk for each in files_in(shown.document).values()}
    rows = [_file_row(each, each.pk in used) for each in files]
    return render(
        request,
        "authoring/files.html",
        {
            "course": course,
            "files": rows,
            "has_unused": any(row["is_unused"] for row in rows),
            "shown": shown,
            "languages": [(code, language_name(code)) for code in LANGUAGES],
            "player": {
                "begin_url": reverse("begin-upload", args=[course.pk]),
                "course_id": course.pk,
                "words": _words_for_scripts(),
            },
        },
    )


def _file_row(stored: StoredFile, is_used: bool) -> dict:
    """A file as the page shows it, with what belongs to it."""
    is_written = stored.ending == ".md"  # a text of a content's own form
    belongings = [each for each in stored.belongings.all() if each.removed_at is None]
    return {
        "file": stored,
        "length": length_text(stored),
        # Of a content; pictures belong to questions.
        "is_unused": not is_used and not is_written and stored.kind != Kind.IMAGE,
        "is_media": stored.kind in {Kind.VIDEO, Kind.AUDIO},
        "is_video": stored.kind == Kind.VIDEO,
        "belongings": [
            {
                "file": each,
                "label": language_name(each.language) if each.language else each.get_role_display(),
            }
            for each in sorted(belongings, key=lambda each: (each.role, each.language))
        ],
    }


def length_text(stored: StoredFile) -> str:
    """What was measured: `2:05`, `3 pages` or `120 words`; "" of a picture."""
    if stored.kind == Kind.IMAGE:
        return ""
    if stored.duration_ms:
        return words.clock(stored.duration_ms)
    if stored.page_count:
        pages = stored.page_count
        return ngettext("%(count)d page", "%(count)d pages", pages) % {"count": pages}
    count = stored.words or 0
    return ngettext("%(count)d word", "%(count)d words", count) % {"count": count}


def _words_for_scripts() -> dict[str, str]:
    return {
        "uploading": _("Uploading: {percent} %"),
        "checking": _("Checking the file…"),
        "waiting": _("The connection is lost. The upload goes on by itself."),
        "signed_out": _("You are signed out. Sign in again; the upload goes on where it was."),
        "failed": _("The upload failed. Try again."),
        "empty": _("Choose a file first."),
    }


@login_required
@require_POST
def remove(request, file_id: UUID):
    """Remove captions, chapters or a poster."""
    stored = get_object_or_404(
        StoredFile.objects.current().writable_by(request.user).exclude(role=Role.CONTENT),
        public_id=file_id,
    )
    uploading.remove(stored)
    return redirect("course-files", stored.course_id)


@require_safe
def stored_file(request, file_id: UUID, name: str) -> HttpResponse:
    """A file: itself at a signed address; at its own a way there, for whoever may see it."""
    stored = StoredFile.objects.current().filter(public_id=file_id).first()
    key = request.GET.get("key", "")
    if stored is not None and key and serving.is_valid_key(stored, key):
        try:
            return serving.file_response(request, stored, uploading.storage())
        except FileNotFoundError:
            raise Http404 from None
    if not request.user.is_authenticated:
        raise Http404
    stored = get_object_or_404(
        StoredFile.objects.current().visible_to(request.user), public_id=file_id
    )
    response = HttpResponseRedirect(serving.signed_address(stored))
    response["Cache-Control"] = "private, no-store"
    return response
