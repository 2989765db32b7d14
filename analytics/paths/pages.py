"""A learner's choice of the order, made on the course's page."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from progress.models import Enrollment

from . import order_choice


@login_required
@require_POST
def choose(request, enrollment_id: int):
    """Follow the course's own order, with `course` in the form; otherwise the one that suits."""
    try:
        if "course" in request.POST:
            order_choice.follow_course(request.user, enrollment_id, now=timezone.now())
        else:
            order_choice.follow_path(request.user, enrollment_id)
    except order_choice.NoSuchPath:
        raise Http404 from None
    return redirect("course", Enrollment.objects.get(pk=enrollment_id).course_id)
