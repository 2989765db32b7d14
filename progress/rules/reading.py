"""When a page, or a stretch of a text, counts as read.

What is visible together gains the same dwell. Each page or bin keeps the share of the dwell that
it needs, in millionths: a view gives its dwell over the dwell which that view needs. Shares add
up in any order, and a glance at the whole text followed by glances at small pieces earns no more
than they are worth together.
"""

from collections.abc import Sequence

from .coverage import Span, Spans, union
from .limits import Limits

BINS = 1_000
WHOLE = 1_000_000  # a share of one, and a fraction of one, in millionths


def page_bins(page: int) -> Span:
    """The bins of 1-based `page`: a page is its own bin."""
    return (page - 1, page)


def span_bins(start_ppm: int, end_ppm: int) -> Span:
    """The thousandths of a text that the fraction `[start, end]`, in millionths, touches."""
    return (start_ppm * BINS // WHOLE, -(-end_ppm * BINS // WHOLE))


def page_need_ms(limits: Limits) -> int:
    return max(limits.page_read_ms, 1)


def span_need_ms(start_ppm: int, end_ppm: int, reading_seconds: int, limits: Limits) -> int:
    """The dwell that a visible stretch needs: a quarter of its reading time, or a page's."""
    quarter = reading_seconds * 1000 * (end_ppm - start_ppm) // (4 * WHOLE)
    return max(quarter, limits.page_read_ms, 1)


def dwell(
    shares: Sequence[int] | None, bins: Span, dwell_ms: int, need_ms: int, size: int
) -> list[int]:
    """The shares after `dwell_ms` more on `bins`, of `size` bins in all."""
    grown = list(shares or ())[:size]
    grown.extend([0] * (size - len(grown)))
    # Rounded up: three thirds of the needed dwell are a whole.
    gain = -(-dwell_ms * WHOLE // need_ms)
    for index in range(max(bins[0], 0), min(bins[1], size)):
        grown[index] = min(grown[index] + gain, WHOLE)
    return grown


def read_spans(shares: Sequence[int]) -> Spans:
    """The bins that are read, as spans."""
    return union((index, index + 1) for index, share in enumerate(shares) if share >= WHOLE)
