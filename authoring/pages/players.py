"""Media in players of other sites: what this site says of an address, and the length they say."""

import math
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from authoring import drafting, outline
from authoring.obstacles import player_advice
from authoring.outline import Document, Key, NotPossible
from progress.rules.players import player_address

from .builder import draft_action, key_of
from .files import own_course
from .forms import MAX_SECONDS, TYPES


@never_cache
@login_required
@require_GET
def check_address(request, course_id: int):
    """What the form says while an address is typed: what is wrong with it, or what happens next."""
    own_course(request.user, course_id)
    url, content_type = request.GET.get("url", ""), request.GET.get("content_type", "")
    if content_type not in TYPES:
        message = _("It is one of %(types)s.") % {"types": ", ".join(TYPES)}
        return JsonResponse({"content_type": [message]}, status=400)
    address = player_address(url)
    problem = player_advice(url, content_type)
    note = ""
    if address and not problem and content_type in {"video", "audio"}:
        text = _("Played by the player of {name}. The preview shows how long it is.")
        note = text.format(name=address.name)
    return JsonResponse({"problem": problem, "note": note})


@draft_action
def use_length(request, course, number):
    """Take the length that the player said in the preview."""
    key = key_of(request)
    preview = reverse("build-preview", args=[course.pk])
    back = redirect(f"{preview}?{urlencode({'module': key[0], 'content': key[1]})}")
    seconds = _seconds(request.POST.get("seconds", ""))
    if seconds is None:
        message = _("A length is a number of seconds above 0, at most %(most)s.")
        messages.error(request, message % {"most": MAX_SECONDS})
        return back
    edit = partial(_with_length, key=key, seconds=seconds)
    drafting.change(course, request.user, number, edit)
    return back


def _with_length(document: Document, key: Key, seconds: float) -> Document:
    content = outline.find_content(document, key)
    if content["content_type"] not in {"video", "audio"} or not player_address(content["url"]):
        raise NotPossible(key[1])
    return outline.change_content(document, key, {"duration_seconds": seconds})


def _seconds(text: str) -> float | None:
    try:
        seconds = round(float(text), 3)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and 0 < seconds <= MAX_SECONDS else None
