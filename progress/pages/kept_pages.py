"""Courses that are kept on a device: what they consist of, and signing out."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from .enrolled import course_state
from .kept_parts import listing
from .kept_words import for_kept
from .zone import in_own_zone


@never_cache
@login_required
@in_own_zone
@require_GET
def kept_list(request, course_id: int):
    """What a course consists of on a device, with sizes."""
    return JsonResponse(listing(course_state(request, course_id), get_language() or ""))


@never_cache
@login_required
@require_GET
def kept_sign_out(request):
    """Asks before signing out where courses are kept or something waits to be sent."""
    return render(request, "pages/kept_sign_out.html", {"kept_words": for_kept()})
