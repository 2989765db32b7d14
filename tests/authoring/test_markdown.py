"""Markdown becomes markup, and nothing in it runs."""

import pytest

from authoring.formats.markdown import plain_words, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        # The page itself has the first heading.
        ("# Doors", "<h2>Doors</h2>"),
        ("Doors\n=====", "<h2>Doors</h2>"),
        ("###### Doors", "<h6>Doors</h6>"),
        (
            "See ![a *door* & <b>](https://example.org/door.png)",
            "<p>See a *door* &amp; &lt;b&gt;</p>",
        ),
        ("Keep them **shut**.", "<p>Keep them <strong>shut</strong>.</p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
    ],
)
def test_what_is_written_is_marked_up(text, html):
    assert to_html(text).strip() == html


def test_a_table_and_a_link():
    assert "<td>1</td>" in to_html("| a |\n|---|\n| 1 |")
    link = to_html("[rules](https://example.org/ 'The rules')")
    assert 'href="https://example.org/"' in link
    assert 'rel="noopener noreferrer"' in link


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<javascript:alert(1)>",
        "![x](https://example.org/pixel.png)",
        "<iframe src=https://example.org></iframe>",
        "<a href='https://example.org' onclick='alert(1)'>x</a>",
        "<style>body { display: none }</style>",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(text):
    html = to_html(text)
    for tag in ("<script", "<img", "<svg", "<iframe", "<style", "<a href='"):
        assert tag not in html
    assert 'href="javascript' not in html.lower()
    assert 'href="data' not in html.lower()


def test_words_are_those_that_a_reader_sees():
    assert (
        plain_words("# Fire doors\n\nKeep [them](https://example.org/long/address) **shut**.") == 5
    )
