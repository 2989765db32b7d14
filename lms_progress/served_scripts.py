"""What `collectstatic` writes: our own scripts without comments and blank space.

The source stays as it is, for whoever reads it and for the npm package. The modules for other sites
(`progress-<hash>/`) are collected byte for byte: pages there know them by their hashes.
"""

import re

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile
from rjsmin import jsmin

_OWN = re.compile(r"(pages|progress|demo|dashboards|authoring|administration|certificates)/\w+\.js")


def served(name: str, content: bytes) -> bytes:
    """The bytes that are collected for a static file of this name."""
    return jsmin(content.decode()).encode() if _OWN.fullmatch(name) else content


class ServedScripts(StaticFilesStorage):
    def _save(self, name, content):
        with content.open("rb") as opened:
            return super()._save(name, ContentFile(served(name, opened.read())))
