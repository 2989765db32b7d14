"""The fields of one content of a draft; of a quiz also its questions."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from authoring import drafting, outline
from authoring.drafting import ChangedElsewhere
from authoring.outline import NotPossible

from .builder import changed_elsewhere, number_of
from .files import own_course
from .forms import TYPES, content_form
from .quiz_editor import question_rows


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
        form = content_form(item, course, request.POST or None)
        if request.method == "POST" and form.is_valid():
            edit = partial(outline.change_content, key=key, values=form.document_values())
            drafting.change(course, request.user, number_of(request), edit)
            return redirect("build-course", course.pk)
    except (ChangedElsewhere, NotPossible):
        messages.error(request, changed_elsewhere())
        return redirect("build-course", course.pk)
    context = {"course": course, "shown": shown, "item": item, "form": form, "key": key}
    context["type"] = TYPES[item["content_type"]]
    if item["content_type"] == "quiz":
        context["questions"] = question_rows(item)
    status = 400 if form.errors else 200
    return render(request, "authoring/content.html", context, status=status)
