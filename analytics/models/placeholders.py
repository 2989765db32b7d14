"""Placeholders of letters: names in braces, filled with plain text only."""

import re
from collections.abc import Mapping

NAMES = ("name", "course", "percent", "due", "last_seen", "link", "sender")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def unknown(text: str) -> list[str]:
    """The placeholders in `text` that no letter has, each once."""
    return sorted({name for name in _PLACEHOLDER.findall(text) if name not in NAMES})


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its known placeholders filled; anything else in braces stays as it is.

    The values aren't searched for placeholders: a name in braces in a value stays as it is.
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
