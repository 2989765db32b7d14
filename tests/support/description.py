"""The API's description as it is committed."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

FILE = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


@cache
def document() -> dict:
    """Parsed once, and in C where that is installed: in Python it takes seconds."""
    return yaml.load(FILE.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def paths() -> dict:
    return document()["paths"]
