"""Putting off or dismissing a recommendation on a page, and undoing that."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from . import dismissals


@login_required
@require_POST
def dismiss(request, enrollment_id: int, content_id: int):
    """Don't recommend this content again in this cycle."""
    try:
        content = dismissals.dismiss(request.user, enrollment_id, content_id, now=timezone.now())
    except dismissals.NoSuchContent:
        raise Http404 from None
    text = _("“%(title)s” won't be suggested again.") % {"title": content.title}
    return _back_with_undo(request, text, enrollment_id, content_id)


@login_required
@require_POST
def put_off(request, enrollment_id: int, content_id: int):
    """Don't recommend this content for a while."""
    try:
        content = dismissals.put_off(request.user, enrollment_id, content_id, now=timezone.now())
    except dismissals.NoSuchContent:
        raise Http404 from None
    text = _("“%(title)s” will be suggested again in a week.") % {"title": content.title}
    return _back_with_undo(request, text, enrollment_id, content_id)


@login_required
@require_POST
def restore(request, enrollment_id: int, content_id: int):
    """Undo either."""
    try:
        dismissals.restore(request.user, enrollment_id, content_id)
    except dismissals.NoSuchContent:
        raise Http404 from None
    return _back(request)


def _back_with_undo(request, text: str, enrollment_id: int, content_id: int):
    """The next page shows the text with a button that posts to the address in its tags."""
    undo = reverse("restore-recommendation", args=[enrollment_id, content_id])
    messages.success(request, text, extra_tags=undo)
    return _back(request)


def _back(request):
    """To the `course` of the form, if any, else to the first page."""
    course = request.POST.get("course", "")
    return redirect("course", int(course)) if course.isdecimal() else redirect("my-learning")
