"""Texts written in Markdown become markup that can't run anything."""

from functools import cache

import nh3

# Headings of the page itself are above those of a text.
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


def to_html(text: str) -> str:
    """Sanitised markup: no scripts, styles, pictures or frames; links to the web and to mail."""
    return nh3.clean(
        _markdown().render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def plain_words(text: str) -> int:
    """The number of words that a reader sees."""
    return len(nh3.clean(_markdown().render(text), tags=set()).split())


@cache
def _markdown():
    """HTML in a text is shown as it was typed."""
    # A process that shows no text starts without it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
