"""The text of a page's markup that a reader sees."""

from html.parser import HTMLParser

_INVISIBLE = frozenset({"script", "style", "head", "template"})


class VisibleText(HTMLParser):
    """Calls `see` with each stretch of text outside of scripts, styles and the like."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden = 0

    def see(self, text: str) -> None:
        raise NotImplementedError

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in _INVISIBLE

    def handle_endtag(self, tag):
        self._hidden -= tag in _INVISIBLE and self._hidden > 0

    def handle_data(self, data):
        if not self._hidden:
            self.see(data)
