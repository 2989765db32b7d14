"""Which uploaded files the URLs of contents lead to."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from authoring.models import Role, StoredFile

_PATH = re.compile(r"/files/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[\w.-]+")


def public_id_of(url: str) -> str | None:
    """The id in the address of an uploaded file; None for any other URL."""
    if "/files/" not in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = _PATH.fullmatch(parts.path)
    is_ours = parts.netloc in {"", urlsplit(settings.PUBLIC_URL).netloc}
    return path[1] if path and is_ours else None


def file_at(url: str) -> StoredFile | None:
    """The uploaded file that a URL leads to; one look into the database, for such a URL only."""
    public_id = public_id_of(url)
    if public_id is None:
        return None
    return StoredFile.objects.current().filter(public_id=public_id, role=Role.CONTENT).first()


def urls_of(content: dict) -> Iterator[str]:
    """The URLs of a content: its own, and those of the pictures in its questions."""
    yield content.get("url") or ""
    for question in content.get("questions") or ():
        yield question.get("image") or ""
        for choice in question["choices"]:
            yield choice.get("image") or ""


def files_in(document: dict) -> dict[str, StoredFile]:
    """The uploaded files of a course document, by the URLs in it; one statement."""
    ids = {}
    for module in document["modules"]:
        for content in module["contents"]:
            for url in urls_of(content):
                if public_id := public_id_of(url):
                    ids[url] = public_id
    if not ids:
        return {}
    stored = StoredFile.objects.current().filter(public_id__in=set(ids.values()))
    found = {str(each.public_id): each for each in stored}
    return {url: found[public_id] for url, public_id in ids.items() if public_id in found}
