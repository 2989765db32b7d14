"""The catalogue, and the page that a course's link leads to: people enrol themselves."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from authoring import self_enrolling
from authoring.self_enrolling import NotOpen
from progress.models import Enrollment

PAGE_SIZE = 50


@never_cache
@login_required
@require_GET
def catalogue(request):
    """The courses in which everybody can enrol themselves."""
    page = Paginator(self_enrolling.listed(request.user), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    courses = [row.course for row in page]
    mine = Enrollment.objects.active().filter(user=request.user, course__in=courses)
    enrolled = set(mine.values_list("course", flat=True))
    rows = [{"course": course, "is_enrolled": course.pk in enrolled} for course in courses]
    return render(request, "authoring/catalogue.html", {"rows": rows, "page": page})


@never_cache
@login_required
@require_POST
def join_listed(request, course_id: int):
    """Enrol in a course of the catalogue."""
    try:
        row = self_enrolling.by_listing(course_id, request.user)
    except NotOpen:
        raise Http404 from None
    self_enrolling.join(row, request.user, timezone.now())
    return redirect("course", row.course_id)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def join(request, key: str):
    """What the link leads to: the course, and the button that enrols."""
    try:
        row = self_enrolling.by_link(key, request.user)
    except NotOpen:
        return render(request, "authoring/join.html", {"course": None}, status=404)
    if request.method == "POST" or self_enrolling.is_enrolled(row.course, request.user):
        self_enrolling.join(row, request.user, timezone.now())
        return redirect("course", row.course_id)
    return render(request, "authoring/join.html", {"course": row.course})
