"""Dismissing a recommendation on a page."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from . import dismissals


@login_required
@require_POST
def dismiss(request, enrollment_id: int, content_id: int):
    """Don't recommend this content again. Returns to the `course` of the form, if any."""
    try:
        dismissals.dismiss(request.user, enrollment_id, content_id, now=timezone.now())
    except dismissals.NoSuchContent:
        raise Http404 from None
    course = request.POST.get("course", "")
    return redirect("course", int(course)) if course.isdecimal() else redirect("my-learning")
