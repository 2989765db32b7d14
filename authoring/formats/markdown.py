"""Texts written in Markdown become markup that can't run anything."""

from functools import cache

import nh3

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a"),
    *("h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


def to_html(text: str) -> str:
    """Sanitised markup: no scripts, styles, pictures or frames; links to the web and to mail."""
    return nh3.clean(
        _rendered(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def plain_words(text: str) -> int:
    """The number of words that a reader sees."""
    return len(nh3.clean(_rendered(text), tags=set()).split())


def _rendered(text: str) -> str:
    """The markup of a text whose headings are below the page's own."""
    parser = _markdown()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return parser.renderer.render(tokens, parser.options, {})


@cache
def _markdown():
    """HTML in a text is shown as it was typed, and of a picture what it shows."""
    # A process that shows no text starts without it.
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import escapeHtml

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule(
        "image", lambda _self, tokens, at, *_more: escapeHtml(tokens[at].content)
    )
    return parser
