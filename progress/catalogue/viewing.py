"""What the site's own pages can show and measure, and what no learner could complete there."""

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from .lengths import TOLERANCE_MS, length_ms
from .words import static_file

TEXTS = {".html", ".htm", ".txt", ".md"}
REPORTED = 'or say completion_source: "reported"'


def suffix_of(url: str) -> str:
    """`.pdf` of `/files/Rules.PDF?token=…#page=2`."""
    return Path(_parts(url).path).suffix.lower()


def is_pdf(url: str) -> bool:
    return suffix_of(url) == ".pdf"


def is_elsewhere(url: str) -> bool:
    """Whether an address is of another site, whose files our pages can't read."""
    host = _parts(url).netloc
    return bool(host) and host != _parts(settings.PUBLIC_URL).netloc


def text_file(url: str) -> Path | None:
    """A text among the site's own files that a page shows, or None."""
    return static_file(url) if suffix_of(url) in TEXTS else None


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def obstacle(told: dict) -> tuple[str, str] | None:
    """Why no learner could complete a content: the field to change, and what to do; None if not.

    `told` is a content as its document says it. Without a `url` a page of somebody else's shows it.
    """
    kind = told["content_type"]
    if told["completion_source"] == "reported":
        return None
    if kind in {"video", "audio"}:
        return _of_media(told)
    if kind == "embed":
        return _of_embed(told)
    is_read = kind in {"document", "text"} and told["completes_on"] != "download"
    return _of_reading(told) if is_read and told["url"] else None


def _of_media(told: dict) -> tuple[str, str] | None:
    seconds = told["duration_seconds"]
    if seconds is None:
        return "duration_seconds", f"Without a length it can't be measured: give it, {REPORTED}."
    file = static_file(told["url"]) if told["url"] else None
    real_ms = length_ms(file) if file else None
    if real_ms is not None and seconds * 1000 > real_ms + TOLERANCE_MS:
        return "duration_seconds", f"The file is only {real_ms / 1000:g} s long."
    return None


def _of_embed(told: dict) -> tuple[str, str] | None:
    ways = ("completes_on", "view_seconds", "duration_seconds", "page_count", "reading_seconds")
    if any(told[name] is not None for name in ways):
        return None
    return "completes_on", (
        'Say what completes it: view_seconds, completes_on: "confirmation", the duration_seconds, '
        f"page_count or reading_seconds that a page of yours reports by, {REPORTED}."
    )


def _of_reading(told: dict) -> tuple[str, str] | None:
    url, is_document = told["url"], told["content_type"] == "document"
    otherwise = 'let completes_on be "download", ' if is_document else ""
    if is_document and is_pdf(url):
        if is_elsewhere(url):
            return "url", (
                "A PDF of another site can't be read by our pages: serve it from this site, "
                f"{otherwise}{REPORTED}."
            )
        if told["page_count"] is None:
            return "page_count", f"A PDF is measured by its pages: give page_count, {REPORTED}."
        return None
    if is_document and told["page_count"] is not None:
        return "url", f"Pages are shown of a PDF only: give one, {otherwise}{REPORTED}."
    if text_file(url) is None:
        return "url", (
            f"No page of ours shows this: give a {'PDF or a ' if is_document else ''}text among "
            f"the site's own files (.html, .txt), {otherwise}make it an embed, {REPORTED}."
        )
    return None
