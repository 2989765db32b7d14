"""The player's page in a frame of another site: which sites may, and what is different there."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .players import allow


def may_be_framed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets the sites of PLAYER_FRAME_ANCESTORS frame a page; sets `request.is_framed` in a frame.

    The form to sign in may not be framed. Whoever isn't signed in gets a page that leads there in a
    tab of its own.
    """

    @wraps(view)
    def framed(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        sites = settings.PLAYER_FRAME_ANCESTORS
        if not sites:
            return view(request, *args, **kwargs)
        request.is_framed = request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}
        if request.is_framed and not request.user.is_authenticated:
            response = render(request, "pages/framed_sign_in.html", status=403)
        else:
            response = view(request, *args, **kwargs)
        # django-csp adds it to the policy. The older header can't name sites; Django sends none.
        allow(response, {"frame-ancestors": sites})
        response.xframe_options_exempt = True
        return response

    return framed
