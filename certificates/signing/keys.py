"""Where keys come from: files that the settings name, or such as are made on first run."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings


class UnusableKey(Exception):
    """A key or chain that can't be used; the text says which and why."""


def read(setting: str) -> bytes:
    """The file that `setting` names. Raises UnusableKey when it can't be read."""
    try:
        return Path(getattr(settings, setting)).read_bytes()
    except OSError as error:
        raise UnusableKey(f"{setting} can't be read: {error}") from error


def made_once(name: str, make: Callable[[], bytes]) -> bytes:
    """The file `name` of STATE_DIR; of any number of processes at once, one makes it for all."""
    path = Path(settings.STATE_DIR) / name
    try:
        if not path.exists():
            _write(path, make())
        return path.read_bytes()
    except OSError as error:
        raise UnusableKey(f"{name} can't be kept in STATE_DIR: {error}") from error


def _write(path: Path, content: bytes) -> None:
    # Others may pass through STATE_DIR (its database may have to), nobody may look around.
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    # mkstemp's files are mode 600. Linking, unlike renaming, never replaces another's file.
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
