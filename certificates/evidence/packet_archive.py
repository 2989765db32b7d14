"""The evidence packet: a ZIP to hand to an auditor, who checks it offline with verify.py."""

import hashlib
import io
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import IO

from certificates.models import Certificate, Packet
from progress.ingest.canonical import canonical_json

from .sealing import EPOCH

HERE = Path(__file__).parent
ADDED = ["README.txt", "verify.py"]
MAX_IN_MEMORY = 8 * 2**20


class NotSealed(Exception):
    """The evidence isn't sealed yet; that takes a moment after the issue."""


def archive(certificate: Certificate) -> IO[bytes]:
    """Returns the ZIP as an open file, at its beginning; the same bytes for the same seal and PDF.

    Raises NotSealed.
    """
    packet = Packet.objects.filter(certificate=certificate).first()
    if packet is None:
        raise NotSealed
    # The response that streams the file closes it.
    file = tempfile.SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115
    digests: dict[str, str] = {}
    with (
        zipfile.ZipFile(io.BytesIO(bytes(packet.sealed))) as sealed,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in ADDED:
            digests[name] = _write(made, name, io.BytesIO((HERE / name).read_bytes()))
        rendition = certificate.renditions.first()
        if rendition is not None:
            pdf = io.BytesIO(bytes(rendition.pdf))
            digests["certificate.pdf"] = _write(made, "certificate.pdf", pdf)
        for name in sealed.namelist():
            with sealed.open(name) as entry:
                digests[name] = _write(made, name, entry)
        _write(made, "packet.json", io.BytesIO(canonical_json({"files": digests})))
    file.seek(0)
    return file


def _write(made: zipfile.ZipFile, name: str, source: IO[bytes]) -> str:
    """Copies a file into the archive in parts; returns its SHA-256."""
    digest = _Digest(source)
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o755 if name.endswith(".py") else 0o644) << 16
    with made.open(info, "w") as entry:
        shutil.copyfileobj(digest, entry)
    return digest.hexdigest()


class _Digest:
    """A reader that computes the SHA-256 of what was read."""

    def __init__(self, source: IO[bytes]):
        self._source, self._digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._source.read(size)
        self._digest.update(part)
        return part

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
