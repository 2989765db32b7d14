"""Uploaded files for courses that are kept on a device (progress.slots)."""

from collections.abc import Iterable

from django.db.models import Prefetch

from authoring.addresses import public_id_of
from authoring.models import Kind, Role, StoredFile
from authoring.serving import address_for_keeping

# Chapters stand in the page.
_BESIDE_MEDIA = [Role.CAPTIONS, Role.POSTER]


def kept_files(urls: Iterable[str]) -> dict[str, dict]:
    """Two statements, however many addresses."""
    ids = {url: found for url in urls if (found := public_id_of(url))}
    beside = StoredFile.objects.current().filter(role__in=_BESIDE_MEDIA)
    stored = (
        StoredFile.objects.current()
        .filter(public_id__in=set(ids.values()))
        .prefetch_related(Prefetch("belongings", beside, to_attr="kept_beside"))
    )
    found = {str(each.public_id): each for each in stored}
    return {url: _kept(url, found[key]) for url, key in ids.items() if key in found}


def _kept(url: str, stored: StoredFile) -> dict:
    beside = [_file(each.address, each) for each in stored.kept_beside]
    return {"is_text": stored.kind == Kind.TEXT, "files": [_file(url, stored), *beside]}


def _file(address: str, stored: StoredFile) -> dict:
    """Its bytes never change, so its id is a key."""
    return {
        "address": address,
        "key": stored.public_id.hex,
        "bytes": stored.size,
        "source": address_for_keeping(stored),
    }
