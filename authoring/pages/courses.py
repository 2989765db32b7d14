"""The courses that an author may change, and new ones."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from authoring import drafting
from progress.security import rights

from .forms import TitleForm


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def courses(request):
    """Lists the courses that the user may change; a POST creates one, which they then teach."""
    may_add = request.user.has_perm("progress.add_course")
    form = TitleForm(request.POST or None)
    if request.method == "POST":
        if not may_add:
            raise PermissionDenied
        if form.is_valid():
            course = drafting.create_course(request.user, form.cleaned_data["title"])
            return redirect("build-course", course.pk)
    found = rights.writable_courses(request.user).active().order_by("title", "pk")
    context = {"courses": found, "form": form if may_add else None}
    return render(request, "authoring/courses.html", context, status=400 if form.errors else 200)
