"""What courses and learners' pages ask about the address of an uploaded file (progress.slots)."""

from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from authoring.addresses import file_at
from authoring.formats.markdown import to_html
from authoring.models import Kind, Role, State, StoredFile
from authoring.storing import storage
from progress.files.pdf_text import pages_of
from progress.pages.content_files import language_name, preferred_language


def uploaded(url: str) -> dict | None:
    stored = file_at(url)
    if stored is None:
        return None
    return {
        "kind": stored.kind,
        "duration_ms": stored.duration_ms,
        "page_count": stored.page_count,
        "words": stored.words,
        "problem": not_usable(stored),
    }


def not_usable(stored: StoredFile) -> str:
    """Why a content can't show a file yet, or never will; "" for one that was measured."""
    if stored.is_expected:
        return _("This file is still being measured: try again in a moment.")
    if stored.state == State.FAILED:
        return _("This file was refused: choose another.")
    return ""


def uploaded_markup(url: str) -> str | None:
    """The sanitised markup of a text: Markdown that was written here, paragraphs otherwise."""
    stored = file_at(url)
    if stored is None or stored.kind != Kind.TEXT or not_usable(stored):
        return None
    text = text_of(stored)
    return to_html(text) if stored.ending == ".md" else linebreaks(text, autoescape=True)


def text_of(stored: StoredFile) -> str:
    with storage().open(stored.stored_as) as file:
        return file.read().decode("utf-8-sig")


def media_files(url: str, wanted: str = "") -> dict | None:
    stored = file_at(url)
    if stored is None:
        return None
    belongings = list(stored.belongings.current().order_by("language"))
    captions = {each.language: each for each in belongings if each.role == Role.CAPTIONS}
    chapters = [each for each in belongings if each.role == Role.CHAPTERS]
    posters = [each for each in belongings if each.role == Role.POSTER]
    language = preferred_language(list(captions), wanted)
    return {
        "tracks": [track_payload(each) for each in captions.values()],
        "captions_language": language,
        "captions": text_of(captions[language]) if captions else "",
        "poster": posters[0].address if posters else "",
        "chapters": text_of(chapters[0]) if chapters else "",
    }


def track_payload(stored: StoredFile) -> dict:
    language = stored.language
    return {"language": language, "label": language_name(language), "url": stored.address}


def uploaded_captions(url: str) -> dict | None:
    stored = file_at(url)
    if stored is None or stored.kind not in {Kind.VIDEO, Kind.AUDIO}:
        return None
    found = list(stored.belongings.current().filter(role=Role.CAPTIONS).order_by("language"))

    def read() -> dict[str, str]:
        return {each.language: text_of(each) for each in found}

    # A file never changes: other captions are another file.
    return {"stamp": " ".join(str(each.pk) for each in [stored, *found]), "read": read}


def uploaded_pages(url: str) -> dict | None:
    stored = file_at(url)
    if stored is None or stored.kind != Kind.PDF or not_usable(stored):
        return None

    def read() -> list[str]:
        with storage().open(stored.stored_as) as file:
            return pages_of(file)

    return {"stamp": str(stored.pk), "read": read}
