"""Which texts and ids the database can store, and an answer can quote. Pure: values, no rows."""

import re
from collections.abc import Mapping
from typing import Any

MAX_ID = 2**63 - 1
# PostgreSQL stores no NUL in texts. Half a surrogate pair is no character: JSON can send it
# (`"\\ud800"`), and UTF-8 can't write it.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether a text can be stored, and so whether any row can have it."""
    return UNSTORABLE.search(text) is None


def quotable(value: Any) -> Any:
    """The same texts, lists and objects with a replacement character for each half character."""
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value) if _HALF.search(value) else value
    if isinstance(value, Mapping):
        return {quotable(name): quotable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [quotable(each) for each in value]
    return value
