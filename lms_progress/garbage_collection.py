"""Python's cyclic collector, set up for a server.

What is loaded once (code, models, URLs: some 190,000 objects) lives as long as the process. The
collector walks it again and again while a page makes thousands of rows: of the compliance page's
time over 15,000 obligations that was more than a third (`python bench/analytics.py`).
"""

import gc
from functools import cache

from django.core.exceptions import MiddlewareNotUsed
from django.urls import get_resolver

# Rows of a page are gone with it, mostly before anybody needs to look for cycles among them.
THRESHOLDS = 50_000, 20, 20


class Settled:
    """A middleware for its moment only: made when Django begins to answer, and then not used."""

    def __init__(self, get_response):
        settle()
        raise MiddlewareNotUsed


@cache
def settle() -> None:
    """Load what would be loaded with the first page, and never look through it again. Once."""
    get_resolver().url_patterns  # noqa: B018
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
