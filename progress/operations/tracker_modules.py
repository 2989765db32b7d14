"""The tracker's modules for other sites: at addresses whose content never changes, with hashes.

`static/progress/` is served a second time under a name that has the modules' hash
(`static/progress-3f2a…/`). The modules import each other by relative addresses, so nothing in them
is rewritten: their bytes are those of the npm package. `collectstatic` leaves older folders where
they are, so that a page with older hashes goes on working after an update.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from django.templatetags.static import static

FOLDER = "progress"
# The addresses under which delivery.js loads recovery.js again after a failure.
ATTEMPTS = range(1, 10)


def modules() -> dict[str, bytes]:
    """The modules by their file names."""
    return {path.name: path.read_bytes() for path in sorted(_source().glob("*.js"))}


@cache
def versioned_folder() -> str:
    """The name of the folder with the hash of all modules: they are loaded together."""
    whole = hashlib.sha256()
    for name, content in modules().items():
        whole.update(f"{name} {len(content)}\n".encode() + content)
    return f"{FOLDER}-{whole.hexdigest()[:12]}"


def address(base_url: str, name: str) -> str:
    """The address of a module that never serves anything else."""
    return f"{base_url}{static(f'{versioned_folder()}/{name}')}"


def integrity(content: bytes, algorithm: str = "sha384") -> str:
    return f"{algorithm}-{b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def import_map(base_url: str) -> str:
    """The import map: the names of the npm package, and the hash of every module."""
    package = json.loads((_source() / "package.json").read_text("utf-8"))
    entries = {
        package["name"] + name[1:]: address(base_url, entry["default"].removeprefix("./"))
        for name, entry in package["exports"].items()
        if isinstance(entry, dict)
    }
    hashes = {}
    for name, content in modules().items():
        hashes[address(base_url, name)] = integrity(content)
    for attempt in ATTEMPTS:
        again = f"{address(base_url, 'recovery.js')}?again={attempt}"
        hashes[again] = hashes[address(base_url, "recovery.js")]
    return json.dumps({"imports": entries, "integrity": hashes}, indent=1)


def module_line(base_url: str, name: str) -> str:
    """The element that loads one module, and nothing that differs from it."""
    source = f'src="{address(base_url, name)}" integrity="{integrity(modules()[name])}"'
    return f'<script type="module" {source} crossorigin="anonymous"></script>'


def html_lines(base_url: str) -> str:
    """What a page of another site needs to load the tracker from `base_url`, with hashes."""
    shown = import_map(base_url)
    policy = integrity(shown.encode(), "sha256")
    lines = [
        "<!-- In the head, before any module. -->",
        f'<script type="importmap">{shown}</script>',
        "<!-- Only for the element <learning-progress>. -->",
        module_line(base_url, "learning_progress.js"),
        "<!-- A content security policy of the page needs:",
        f"script-src {base_url} '{policy}'; connect-src {base_url} -->",
    ]
    return "\n".join(lines)


def _source() -> Path:
    return Path(settings.BASE_DIR) / "static" / FOLDER


class _Storage(FileSystemStorage):
    """The modules' folder, as it is; `prefix` is the name under which it is served."""

    def __init__(self) -> None:
        super().__init__(location=_source())
        self.prefix = versioned_folder()


class VersionedModules(BaseFinder):
    """Finds the modules in the folder that has their hash in its name."""

    def check(self, **kwargs: Any) -> list:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:
        folder, _, name = path.partition("/")
        if folder != versioned_folder() or name not in modules():
            return []
        found = str(_source() / name)
        return [found] if find_all or kwargs.get("all") else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = _Storage()
        for name in modules():
            yield name, storage
