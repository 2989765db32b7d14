"""One spelling for one value: what is hashed, compared and kept as evidence."""

import json

import msgspec

_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
)
_encode_plain = msgspec.json.Encoder(order="sorted").encode


def canonical_json(value) -> bytes:
    """One spelling for one value: sorted keys, no spaces, ASCII only."""
    return _CANONICAL.encode(value).encode()


def canonical_plain(value) -> bytes:
    """`canonical_json` of what has whole numbers and ordinary ASCII only, at a fifth of its cost.

    That is what an event that was understood consists of; a test compares the two.
    """
    return _encode_plain(value)
