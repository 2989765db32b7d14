"""The characters of a text file: in UTF-8, or in UTF-16 where its first bytes say so."""

import codecs

from django.utils.translation import gettext as _

from .problems import FileProblem

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_of(source: bytes) -> str:
    """The text of a whole file, without a byte order mark. Raises FileProblem."""
    try:
        return source.decode(_encoding(source))
    except UnicodeDecodeError:
        raise FileProblem(not_readable()) from None


def beginning_of(head: bytes, *, is_whole: bool) -> str | None:
    """The text at the start of a file, without a character that its end cuts through; None where
    it isn't in one of these encodings."""
    decoder = codecs.getincrementaldecoder(_encoding(head))()
    try:
        return decoder.decode(head, final=is_whole)
    except UnicodeDecodeError:
        return None


def not_readable() -> str:
    return _("This isn't UTF-8 text. Save the file as UTF-8.")


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith(_WIDE) else "utf-8-sig"
