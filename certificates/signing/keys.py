"""Where keys come from: files that the settings name, or files made on first use."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings


class UnusableKey(Exception):
    """A key or chain that can't be used; the text says which and why."""


def read(setting: str) -> bytes:
    """Reads the file that `setting` names. Raises UnusableKey if it can't be read."""
    try:
        return Path(getattr(settings, setting)).read_bytes()
    except OSError as error:
        raise UnusableKey(f"{setting} can't be read: {error}") from error


def made_once(name: str, make: Callable[[], bytes]) -> bytes:
    """Reads the file `name` of STATE_DIR; if missing, one of the processes makes it for all."""
    path = Path(settings.STATE_DIR) / name
    try:
        if not path.exists():
            _write(path, make())
        return path.read_bytes()
    except OSError as error:
        raise UnusableKey(f"{name} can't be kept in STATE_DIR: {error}") from error


def _write(path: Path, content: bytes) -> None:
    # Other accounts may pass through STATE_DIR (the database's may have to), but not list it.
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    # mkstemp makes files of mode 600. A link, unlike a rename, never replaces an existing file.
    handle, fresh = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)
