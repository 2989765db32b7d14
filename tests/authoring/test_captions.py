"""Captions are checked cue by cue, and SubRip becomes WebVTT."""

import pytest

from authoring.formats.captions import read_track
from authoring.formats.problems import FileProblem

VTT = """WEBVTT - a title
Kind: captions

STYLE
::cue { background: url(https://example.org/) }

NOTE who wrote it

1
00:01.000 --> 00:02.500 align:start evil:1
Fire <i>doors</i>
stay shut.

01:00:00.000 --> 01:00:01.000
Ende
"""
SRT = """1
00:00:01,000 --> 00:00:02,5
<font color="red">Salt & pepper</font>, 1 < 2

2
0:00:03.000 --> 0:00:04.000
{\\an8}<b>bold</b>
"""


def test_webvtt_keeps_its_cues_and_nothing_else():
    assert read_track(VTT.encode()).webvtt.decode() == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500 align:start\nFire <i>doors</i>\nstay shut.\n\n"
        "01:00:00.000 --> 01:00:01.000\nEnde\n"
    )


def test_subrip_is_converted():
    assert read_track(SRT.encode()).webvtt.decode() == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500\nSalt &amp; pepper, 1 &lt; 2\n\n"
        "00:00:03.000 --> 00:00:04.000\n<b>bold</b>\n"
    )


def test_what_was_converted_is_read_the_same_again():
    once = read_track(SRT.encode()).webvtt
    assert read_track(once).webvtt == once


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_kind_of_line_end_and_a_byte_order_mark(ends, mark):
    source = mark + VTT.replace("\n", ends).encode()
    assert read_track(source).webvtt == read_track(VTT.encode()).webvtt


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("source", [VTT, SRT])
def test_utf_16_is_known_by_its_byte_order_mark(source, encoding):
    mark = b"" if encoding == "utf-16" else b"\xfe\xff"
    text = source.replace("Ende", "Grüße, 😀")
    assert read_track(mark + text.encode(encoding)).webvtt == read_track(text.encode()).webvtt


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nA", 4, "times"),
        ("WEBVTT\n\n00:01.000 --> 00:99.000\nA", 3, "times"),
        ("WEBVTT\n\nA lone sentence", 3, "times"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nA", 3, "ends before"),
        ("WEBVTT\n\n00:05.000 --> 00:06.000\nA\n\n00:01.000 --> 00:02.000\nB", 6, "above"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nA\n00:03.000 --> 00:04.000\nB", 4, "blank line"),
        ("WEBVTT\n00:01.000 --> 00:02.000\nA", 1, "blank line"),
        ("1\n00:00:01,000 -> 00:00:02,000\nA", 2, "times"),
        ("1\n00:00:02,000 --> 00:00:01,000\nA", 2, "ends before"),
    ],
)
def test_a_broken_cue_is_named_by_its_line(source, line, why):
    with pytest.raises(FileProblem) as found:
        read_track(source.encode())
    assert f"Line {line} " in str(found.value)
    assert why in str(found.value)


@pytest.mark.parametrize("source", [b"WEBVTT\n", b"WEBVTT\n\nNOTE nothing", b"", b"\n\n"])
def test_a_file_without_captions_is_refused(source):
    with pytest.raises(FileProblem, match="no captions"):
        read_track(source)


def test_another_encoding_is_refused():
    with pytest.raises(FileProblem, match="UTF-8"):
        read_track("WEBVTT\n\n00:01.000 --> 00:02.000\nTür".encode("latin-1"))
