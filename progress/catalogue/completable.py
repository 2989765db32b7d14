"""Whether the site's own pages can show and measure a content, so that it can be completed."""

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from progress import slots
from progress.rules.players import player_address

from .media_length import TOLERANCE_MS, length_ms
from .players import Refusal, refusal
from .reading_time import static_file

TEXTS = {".html", ".htm", ".txt", ".md"}
# The kinds of uploaded files that a player plays; the sound of a video can be listened to.
_PLAYED = {"video": {"video"}, "audio": {"audio", "video"}}
_A_KIND = {"video": "a video", "audio": "a recording"}
REPORTED = 'or say completion_source: "reported"'


def suffix_of(url: str) -> str:
    """`.pdf` of `/files/Rules.PDF?token=…#page=2`."""
    return Path(_parts(url).path).suffix.lower()


def is_pdf(url: str) -> bool:
    return suffix_of(url) == ".pdf"


def is_elsewhere(url: str) -> bool:
    """Whether a URL leads to another site, whose files our pages can't read."""
    host = _parts(url).netloc
    return bool(host) and host != _parts(settings.PUBLIC_URL).netloc


def text_file(url: str) -> Path | None:
    """The file of a text that a page can show, among the site's own files; or None."""
    return static_file(url) if suffix_of(url) in TEXTS else None


def is_shown_as_text(url: str) -> bool:
    """Whether our page can show this as a text: one of the site's own files, or uploaded."""
    uploaded = slots.uploaded(url)
    return uploaded["kind"] == "text" if uploaded else text_file(url) is not None


def fill_in_measures(content: dict) -> None:
    """Give a content of a course document the length or pages of its uploaded file, if it says
    none itself."""
    uploaded = slots.uploaded(content["url"]) if content["completion_source"] is None else None
    if not uploaded:
        return
    kind = content["content_type"]
    if kind in {"video", "audio"} and content["duration_seconds"] is None:
        duration_ms = uploaded["duration_ms"]
        content["duration_seconds"] = duration_ms and duration_ms / 1000
    elif kind == "document" and content["page_count"] is None:
        content["page_count"] = uploaded["page_count"]


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def obstacle(content: dict) -> tuple[str, str] | None:
    """Why no learner could complete a content: the field to change, and what to do; or None.

    `content` is the content's part of a course document. Without a `url`, another site's page
    shows it.
    """
    kind = content["content_type"]
    if refused := refusal(content["url"], kind):
        return "url", _refusal_advice(refused, content["url"])
    if content["completion_source"] == "reported":
        return None
    if why := _not_usable(content["url"]):
        return "url", why
    if kind in {"video", "audio"}:
        return _media_obstacle(content)
    if kind == "embed":
        return _embed_obstacle(content)
    is_read = kind in {"document", "text"} and content["completes_on"] != "download"
    return _reading_obstacle(content) if is_read and content["url"] else None


def _not_usable(url: str) -> str:
    uploaded = slots.uploaded(url) if url else None
    return uploaded["problem"] if uploaded else ""


def _refusal_advice(refused: Refusal, url: str) -> str:
    address = player_address(url)
    name, service = (address.name, address.service) if address else ("", "")
    match refused:
        case Refusal.NOT_ALLOWED:
            return (
                f"This site doesn't show videos of {name}: whoever runs it can allow them "
                f"(EMBEDDED_PLAYERS={service})."
            )
        case Refusal.SITE_NOT_ALLOWED:
            return (
                "This site plays no streams of that site: whoever runs it can allow them "
                "(EMBEDDED_PLAYERS)."
            )
        case Refusal.ONLY_FILMS:
            return f"The player of {name} shows videos: let content_type be video."
    return f"This address of {name} names no single video: give the address of one."


def _media_obstacle(content: dict) -> tuple[str, str] | None:
    seconds, kind = content["duration_seconds"], content["content_type"]
    uploaded = slots.uploaded(content["url"])
    if uploaded and uploaded["kind"] not in _PLAYED[kind]:
        return "url", f"This file isn't {_A_KIND[kind]}: choose another."
    if seconds is None:
        return "duration_seconds", f"Without a length it can't be measured: give it, {REPORTED}."
    real_ms = _real_ms(content["url"], uploaded)
    if real_ms is not None and seconds * 1000 > real_ms + TOLERANCE_MS:
        return "duration_seconds", f"The file is only {real_ms / 1000:g} s long."
    return None


def _real_ms(url: str, uploaded: dict | None) -> int | None:
    if uploaded:
        return uploaded["duration_ms"]
    file = static_file(url) if url else None
    return length_ms(file) if file else None


def _embed_obstacle(content: dict) -> tuple[str, str] | None:
    ways = ("completes_on", "view_seconds", "duration_seconds", "page_count", "reading_seconds")
    if any(content[name] is not None for name in ways):
        return None
    return "completes_on", (
        'Say what completes it: view_seconds, completes_on: "confirmation" or "score", the '
        "duration_seconds, page_count or reading_seconds that a page of yours reports by, "
        f"{REPORTED}."
    )


def _reading_obstacle(content: dict) -> tuple[str, str] | None:
    url, is_document = content["url"], content["content_type"] == "document"
    otherwise = 'let completes_on be "download", ' if is_document else ""
    if is_document and is_pdf(url):
        if is_elsewhere(url):
            return "url", (
                "A PDF of another site can't be read by our pages: copy it (POST /api/files/), "
                f"{otherwise}{REPORTED}."
            )
        return _pdf_obstacle(content)
    if is_document and content["page_count"] is not None:
        return "url", f"Pages are shown of a PDF only: give one, {otherwise}{REPORTED}."
    if not is_shown_as_text(url):
        return "url", (
            f"No page of ours shows this: give a {'PDF or a ' if is_document else ''}text among "
            f"the site's own files (.html, .txt), {otherwise}make it an embed, {REPORTED}."
        )
    return None


def _pdf_obstacle(content: dict) -> tuple[str, str] | None:
    pages = content["page_count"]
    if pages is None:
        return "page_count", f"A PDF is measured by its pages: give page_count, {REPORTED}."
    uploaded = slots.uploaded(content["url"])
    if uploaded and uploaded["page_count"] and pages > uploaded["page_count"]:
        return "page_count", f"The PDF has only {uploaded['page_count']} pages."
    return None
