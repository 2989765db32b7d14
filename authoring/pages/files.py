"""A course's files: listed for its authors, served to whoever may see them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from authoring import drafting, serving, storing, uploading
from authoring.addresses import files_in
from authoring.models import Kind, Role, State, StoredFile
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
    files = stored.select_related("upload").prefetch_related("belongings")
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
                "states_url": reverse("file-states", args=[course.pk]),
                "course_id": course.pk,
                "words": _words_for_scripts(),
            },
        },
    )


@never_cache
@login_required
@require_GET
def file_states(request, course_id: int) -> JsonResponse:
    """The files of a course that wait to be measured, with how far they are."""
    course = own_course(request.user, course_id)
    expected = StoredFile.objects.current().filter(
        course=course, state__in=[State.WAITING, State.MEASURING]
    )
    rows = [
        {"id": str(each.public_id), "percent": each.percent_checked}
        for each in expected.select_related("upload")
    ]
    return JsonResponse({"files": rows})


def _file_row(stored: StoredFile, is_used: bool) -> dict:
    """A file as the page shows it, with what belongs to it."""
    is_written = stored.ending == ".md"  # a text of a content's own form
    is_measured = stored.state == State.MEASURED
    belongings = [each for each in stored.belongings.all() if each.removed_at is None]
    return {
        "file": stored,
        "length": length_text(stored),
        "is_unused": not is_used and not is_written and _is_for_a_content(stored),
        "is_media": is_measured and stored.kind in {Kind.VIDEO, Kind.AUDIO},
        "is_video": stored.kind == Kind.VIDEO,
        "is_failed": stored.state == State.FAILED,
        "belongings": [
            {
                "file": each,
                "label": language_name(each.language) if each.language else each.get_role_display(),
            }
            for each in sorted(belongings, key=lambda each: (each.role, each.language))
        ],
    }


def _is_for_a_content(stored: StoredFile) -> bool:
    """Whether a content can show it; pictures belong to questions."""
    return stored.state != State.FAILED and stored.kind not in {Kind.IMAGE, Kind.ARCHIVE}


def length_text(stored: StoredFile) -> str:
    """What was measured: `2:05`, `3 pages` or `120 words`; "" of a picture, and before."""
    if stored.kind == Kind.IMAGE or stored.state != State.MEASURED:
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
        "measuring": _("Being measured: {percent} %"),
        "measured": _("{name} was measured."),
        "refused": _("{name} was refused."),
        "empty": _("Choose a file first."),
    }


@login_required
@require_POST
def remove(request, file_id: UUID):
    """Remove captions, chapters or a poster; or a file that isn't measured."""
    files = StoredFile.objects.current().writable_by(request.user)
    stored = get_object_or_404(
        files.exclude(role=Role.CONTENT, state=State.MEASURED), public_id=file_id
    )
    uploading.remove(stored)
    return redirect("course-files", stored.course_id)


@require_safe
def stored_file(request, file_id: UUID, name: str) -> HttpResponse:
    """A file: itself at a signed address; at its own a way there, for whoever may see it."""
    stored = StoredFile.objects.usable().filter(public_id=file_id).first()
    key = request.GET.get("key", "")
    if stored is not None and key and serving.is_valid_key(stored, key):
        try:
            return serving.file_response(request, stored, storing.storage())
        except FileNotFoundError:
            raise Http404 from None
    if not request.user.is_authenticated:
        raise Http404
    stored = get_object_or_404(
        StoredFile.objects.usable().visible_to(request.user), public_id=file_id
    )
    response = HttpResponseRedirect(serving.signed_address(stored))
    response["Cache-Control"] = "private, no-store"
    return response
