"""The files of one STATE_DIR."""

import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import IO

CHECKOUT = Path(__file__).resolve().parents[2]
# sun_path holds 108 bytes, one of them the closing zero.
MAX_SOCKET_PATH = 107


class EmbeddedError(Exception):
    """A problem for the operator; only its text is shown."""


class State:
    """A STATE_DIR: the secret key, locks, logs and the servers' data of one installation."""

    def __init__(self, directory: Path | str) -> None:
        # A relative path starts at the checkout, so that every command uses the same one.
        self.directory = CHECKOUT / directory

    @classmethod
    def from_environment(cls) -> "State":
        return cls(os.environ.get("STATE_DIR") or ".state")

    def make(self) -> None:
        """Makes the folder. If root does, others may traverse it: PostgreSQL won't run as root."""
        try:
            _make_folder(self.directory, 0o711 if os.geteuid() == 0 else 0o700)
            _make_folder(self.directory / "logs", 0o700)
        except OSError as error:
            raise EmbeddedError(f"STATE_DIR can't be used: {error}") from error

    def log(self, name: str) -> Path:
        return self.directory / "logs" / f"{name}.log"

    def secret_key(self, *, create: bool = False) -> str:
        """Returns the key of this installation; "" if there is none and `create` is false."""
        path = self.directory / "secret_key"
        try:
            if create and not path.exists():
                self._write_secret_key(path)
            return path.read_text().strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise EmbeddedError(f"The secret key can't be read: {error}") from error

    def _write_secret_key(self, path: Path) -> None:
        # mkstemp makes files of mode 600. A link, unlike a rename, never replaces an existing key.
        handle, fresh = tempfile.mkstemp(prefix="secret_key.", dir=self.directory)
        with open(handle, "w") as file:
            file.write(secrets.token_urlsafe(50) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(fresh)

    def open_lock(self, name: str) -> IO[str]:
        """Opens a file to lock; makes it if it is missing."""
        self.make()
        return open_lock(self.directory / name)

    def socket_directory(self, wanted: Path, name: str) -> Path:
        """Returns `wanted`, or a short private folder if the socket's path would be too long."""
        if len(os.fsencode(wanted / name)) <= MAX_SOCKET_PATH:
            return wanted
        digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
        return private_directory(Path(f"/tmp/lms-{os.geteuid()}")) / digest


def _make_folder(folder: Path, mode: int) -> None:
    """Makes a folder, perhaps while another process does; an existing one keeps its mode."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(mode)


def open_lock(path: Path) -> IO[str]:
    try:
        # Doesn't truncate, and doesn't follow another user's symlink.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(
            f"STATE_DIR belongs to another user, or can't be written: {error}"
        ) from error
    return open(handle, "r+")


def try_lock(file: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def private_directory(path: Path) -> Path:
    """Makes `path`, or accepts an existing one that only this user can write to."""
    try:
        path.mkdir(mode=0o711)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedError(f"{path} exists and isn't a private folder of ours; remove it.")
    return path
