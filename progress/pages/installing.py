"""What makes the pages an app: its manifest, a service worker, and a page for times offline."""

import hashlib
import json
from functools import cache

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from progress.catalogue.reading_time import static_file

ICONS = [
    ("pages/icon.svg", "any", "image/svg+xml", "any"),
    ("pages/icon-192.png", "192x192", "image/png", "any"),
    ("pages/icon-512.png", "512x512", "image/png", "any"),
    ("pages/icon-maskable-512.png", "512x512", "image/png", "maskable"),
]
# What the page for times offline needs.
FILES = [
    "pages/style.css",
    "pages/forced_colors.css",
    "pages/icon.svg",
    "pages/offline_page.js",
    "pages/kept_store.js",
    "vendor/inter-5.3.0/inter-latin-wght-normal.woff2",
    "vendor/lucide-1.62.0/icons.svg",
]
# The worker is these files, one after the other.
WORKER = ["pages/service_worker.js", "pages/kept_worker.js"]


@require_GET
def manifest(request):
    """The web app manifest, in the reader's language."""
    return JsonResponse(
        {
            "id": "/",
            "name": _("Learning progress"),
            "short_name": _("Learning"),
            "lang": translation.get_language(),
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "start_url": reverse("my-learning"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#f5f8f7",
            "theme_color": "#0c6f66",
            "icons": [
                {"src": static(path), "sizes": sizes, "type": kind, "purpose": purpose}
                for path, sizes, kind, purpose in ICONS
            ],
        },
        content_type="application/manifest+json",
    )


@require_GET
@cache_control(no_cache=True)
def service_worker(request):
    """The service worker, at the root so that it reaches every page."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")


@require_GET
@cache_control(no_cache=True)
def offline(request, code: str):
    """What is shown instead of a page while the network is away; no name is on it."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    return HttpResponse(_offline_page(code))


@cache  # browsers ask for it with every page
def _worker() -> bytes:
    """It keeps copies of the pages for times offline and their files.

    A change of any of them makes a browser fetch all of them again.
    """
    pages = {code: reverse("offline", args=[code]) for code, _name in settings.LANGUAGES}
    scripts = b"\n".join(map(_content, WORKER))
    parts = [scripts, *map(_content, FILES), *map(_offline_page, pages)]
    values = {
        "VERSION": hashlib.blake2s(b"\0".join(parts), digest_size=8).hexdigest(),
        "PAGES": pages,
        "FILES": [static(path) for path in FILES],
        "LATE_EVENT_DAYS": settings.LATE_EVENT_DAYS,
    }
    lines = [f"const {name} = {json.dumps(value)};\n" for name, value in values.items()]
    return "".join(lines).encode() + scripts


def _offline_page(code: str) -> bytes:
    with translation.override(code):
        return render_to_string("offline.html").encode()


def _content(path: str) -> bytes:
    found = static_file(static(path))
    return found.read_bytes() if found else b""
