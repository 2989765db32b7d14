"""Sets up Python's cyclic garbage collector for servers and workers.

What is loaded once (code, models, URLs: about 190,000 objects) lives as long as the process, and
the collector would scan it repeatedly while a page creates thousands of rows. On the compliance
page with 15,000 obligations that took over a third of the time (`python bench/analytics.py`).
"""

import gc
from functools import cache

from django.core.exceptions import MiddlewareNotUsed
from django.urls import get_resolver

# A page's rows are freed with it, mostly before they need to be scanned for cycles.
THRESHOLDS = 50_000, 20, 20


class GarbageCollectionSetup:
    """A middleware that Django creates when it starts to serve; it answers no request itself."""

    def __init__(self, get_response):
        freeze_loaded_objects()
        raise MiddlewareNotUsed


@cache
def freeze_loaded_objects() -> None:
    """Loads what the first request would load, and excludes it from collection. Runs once."""
    get_resolver().url_patterns  # noqa: B018
    freeze()


def freeze() -> None:
    """Excludes what is loaded from collection, and has the rest looked at less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
