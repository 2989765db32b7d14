"""The words on the pages of a PDF."""

import logging
import time
from typing import BinaryIO

MAX_PAGES = 2_000
MAX_SECONDS = 60.0

# What pypdf raises apart from its own errors depends on where a file is damaged.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


def pages_of(file: BinaryIO) -> list[str]:
    """The text of each page, "" for one that has none or can't be read.

    Stops after `MAX_PAGES` pages or `MAX_SECONDS`, so that no file holds up the others for long. A
    file that isn't a readable PDF has no pages.
    """
    # A process that reads no PDF starts without it.
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    ends = time.monotonic() + MAX_SECONDS
    texts: list[str] = []
    # It reports every oddity of a file, which its author can do nothing about.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(file)
        for page in reader.pages[:MAX_PAGES]:
            if time.monotonic() > ends:
                break
            try:
                texts.append(page.extract_text())
            except (PyPdfError, *UNREADABLE):
                texts.append("")
    except (PyPdfError, DependencyError, *UNREADABLE):
        pass
    return texts
