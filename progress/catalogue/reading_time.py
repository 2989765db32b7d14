"""The time that a text takes to read, from its number of words, if the site serves it itself."""

import math
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.utils._os import safe_join

from progress import slots
from progress.files.visible_text import VisibleText
from progress.validation.content_urls import safe_url

WORDS_PER_MINUTE = 240
_TEXT_SUFFIXES = {".html", ".htm", ".txt", ".md"}


def reading_seconds(content: dict) -> int | None:
    """Seconds to read a text or unpaged document at 240 words a minute; None if it isn't here."""
    if content["content_type"] not in {"text", "document"} or content["page_count"] is not None:
        return None
    words = _words_at(content["url"])
    return math.ceil(words * 60 / WORDS_PER_MINUTE) or None


def _words_at(url: str) -> int:
    if uploaded := slots.uploaded(url):
        return uploaded["words"] or 0
    path = static_file(url)
    if path is None or path.suffix.lower() not in _TEXT_SUFFIXES:
        return 0
    return count_words(path.read_text("utf-8", errors="replace"))


def static_file(url: str) -> Path | None:
    """The file that is sent for a URL of our own static files, or None."""
    parts = urlsplit(safe_url(url))
    prefix = "/" + settings.STATIC_URL.strip("/") + "/"
    if parts.netloc or not parts.path.startswith(prefix):
        return None
    name = unquote(parts.path.removeprefix(prefix))
    try:
        found = _collected(name) or finders.find(name)
    except SuspiciousFileOperation:  # the URL leads outside of the static files
        return None
    return Path(found) if found else None


def _collected(name: str) -> str | None:
    """The file that `collectstatic` wrote, where that is what the site serves: of scripts it has
    fewer bytes than the source."""
    if settings.WHITENOISE_USE_FINDERS:
        return None
    path = safe_join(settings.STATIC_ROOT, name)
    return path if os.path.isfile(path) else None


def count_words(markup: str) -> int:
    """The number of words that a reader sees."""
    reader = _Words()
    reader.feed(markup)
    return reader.words


class _Words(VisibleText):
    def __init__(self) -> None:
        super().__init__()
        self.words = 0

    def see(self, text: str) -> None:
        self.words += len(text.split())
