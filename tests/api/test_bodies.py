"""What is read of a body quickly is what the standard library reads of it, oddities included."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from progress.api import parsers

ODD = [
    b'{"a": NaN, "b": [Infinity, -Infinity]}',
    b'{"a": 1e400}',
    b'{"a": "\\ud800"}',
    b'{"a": -0, "b": -0.0, "c": 1E5, "d": 0.1e-400}',
    b'{"a": 18446744073709551616, "b": -9223372036854775809}',
    b'{"a": ' + b"7" * 400 + b"}",
    b'{"a": ' + b"7" * 401 + b"}",
    b'{"a": -' + b"7" * 5000 + b"}",
    b'{"a": 0.' + b"7" * 5000 + b"}",
    b'{"a": 1, "a": 2}',
    b'{"a": "\\u0000\\/\\ud83d\\ude00\x7f"}',
    b' \r\n\t{"a": "\xc3\xa9"}\n',
    b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"",
    b" \x0b ",
]
WRONG = [
    b'{"a": 01}',
    b'{"a": 1.}',
    b'{"a": "\x01"}',
    b'{"a": "\xff"}',
    b'{"a": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}",
    b'{"a": 1} 2',
    b"{'a': 1}",
    b"[1]",
    b'{"a": ' + b"[" * 5000,
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=20,
)


def slowly(body: bytes, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(parsers, "_TOO_LONG", b"")  # as if every body had a number too long
        return parsers.parse_object(body)


@pytest.mark.parametrize("body", ODD)
def test_odd_bodies_are_read_alike(body, monkeypatch):
    assert repr(parsers.parse_object(body)) == repr(slowly(body, monkeypatch))


@pytest.mark.parametrize("body", WRONG)
def test_wrong_bodies_are_refused_with_the_same_words(body, monkeypatch):
    with pytest.raises(ParseError) as quickly:
        parsers.parse_object(body)
    with pytest.raises(ParseError) as expected:
        slowly(body, monkeypatch)
    assert quickly.value.detail == expected.value.detail


@settings(deadline=None)
@given(st.dictionaries(st.text(), values), st.booleans())
def test_any_object_is_read_as_the_standard_library_reads_it(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    body = text.encode("utf-8", "surrogatepass")
    try:
        expected = json.loads(body.decode())
    except UnicodeDecodeError:
        return
    assert repr(parsers.parse_object(body)) == repr(expected)
