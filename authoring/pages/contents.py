"""The fields of one content of a draft; of a quiz also its questions."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from authoring import addresses, content_files, copying, drafting, outline, storing
from authoring.drafting import ChangedElsewhere
from authoring.models import StoredFile
from authoring.outline import NotPossible
from authoring.storing import UploadRefused
from progress.catalogue.completable import is_elsewhere
from progress.models import Course, User

from .builder import changed_elsewhere, number_of
from .files import own_course
from .forms import TYPES, ContentForm, content_form
from .quiz_editor import TYPE_NAMES, lessons, pictures, pool_rows, question_rows

MEASURES = ("duration_seconds", "page_count", "reading_seconds")
# A correction in a text doesn't take away what was read of it.
VERSIONED = {"video", "audio", "document"}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def content(request, course_id: int):
    """The fields of one content, which the URL names by `module` and `content`."""
    course = own_course(request.user, course_id)
    shown = drafting.shown(course)
    key = request.GET.get("module", ""), request.GET.get("content", "")
    try:
        item = outline.find_content(shown.document, key)
        form = content_form(item, course, request.POST or None, text=written_text(item))
        if request.method == "POST" and form.is_valid():
            values = _values(form, item, course, request.user)
            edit = partial(outline.change_content, key=key, values=values)
            drafting.change(course, request.user, number_of(request), edit)
            return _after_saving(request, course)
    except UploadRefused as refused:
        form.add_error(refused.field, refused.message)
    except (ChangedElsewhere, NotPossible):
        messages.error(request, changed_elsewhere())
        return redirect("build-course", course.pk)
    # A form that is shown again belongs to the version that it was filled in for.
    number = request.POST.get("number") or shown.number
    context = {"course": course, "shown": shown, "item": item, "form": form, "key": key}
    context["number"] = number
    context["copy"] = copy_of(item)
    context["type"] = TYPES[item["content_type"]]
    if item["content_type"] == "quiz":
        context["questions"] = question_rows(item, request.GET.get("type", ""))
        context["question_types"] = TYPE_NAMES.items()
        context["pictures"] = pictures(course, item)
        context["pools"] = pool_rows(item)
        context["lessons"] = lessons(shown.document)
    status = 400 if form.errors else 200
    return render(request, "authoring/content.html", context, status=status)


def copy_of(item: dict) -> StoredFile | None:
    """The copied PDF that a content shows; None for any other."""
    stored = addresses.file_at(item.get("url") or "")
    return stored if stored is not None and stored.copied_from else None


def _after_saving(request, course: Course):
    """Back to the outline, or where the button said."""
    then = request.POST.get("then")
    if then == "files":
        return redirect("course-files", course.pk)
    if then == "preview":
        return redirect(f"{reverse('build-preview', args=[course.pk])}?{request.GET.urlencode()}")
    return redirect("build-course", course.pk)


def _values(form: ContentForm, item: dict, course: Course, by: User) -> dict:
    """The form's values as fields of the document.

    A text that was written in the form is stored, and its address is the URL; so is a PDF of
    another site, whose copy is shown. Raises UploadRefused.
    """
    values = form.document_values()
    text = (values.pop("text", None) or "").replace("\r\n", "\n")
    if text and text != written_text(item):
        values["url"] = storing.store_text(course, by, values["title"], text).address
    if _is_copied(item, values):
        values["url"] = copying.copy_pdf(course, by, values["url"]).address
    return with_another_file(values, item)


def _is_copied(item: dict, values: dict) -> bool:
    """Whether a document was given an address that only a copy can be shown of."""
    url = values.get("url") or ""
    if item["content_type"] != "document" or url == item.get("url", ""):
        return False
    is_shown_there = item.get("completion_source") == "reported"
    is_shown_there = is_shown_there or item.get("completes_on") == "download"
    return is_elsewhere(url) and not is_shown_there


def with_another_file(values: dict, item: dict) -> dict:
    """With another file come other measures, unless the author has typed new ones; of a film or a
    PDF that learners have begun it is also another version."""
    before = item.get("url", "")
    if values.get("url", before) == before:
        return values
    for name in MEASURES:
        if name in values and values[name] == item.get(name):
            values[name] = None
    if "id" in item and item["content_type"] in VERSIONED:
        values["media_version"] = item.get("media_version", 1) + 1
    return values


def written_text(item: dict) -> str:
    """The Markdown of a text that was written here; "" for any other content."""
    stored = addresses.file_at(item.get("url") or "")
    is_written = stored is not None and stored.ending == ".md"
    return content_files.text_of(stored) if is_written else ""
