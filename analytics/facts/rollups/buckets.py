"""The buckets of an edition: seconds of a medium, pages of a document, hundredths of a text.

A second counts as played by the stretch that plays its middle. So a pass that is reported in
pieces, cut anywhere, plays each second once, and a replay is a second pass.
"""

from dataclasses import dataclass

from progress.rules.coverage import Span

MEDIA, PAGES, TEXT, QUIZ, NONE = "media", "pages", "text", "quiz", "none"
SECOND_MS = 1000
HUNDREDTHS = 100
WHOLE_PPM = 1_000_000
END_ZONE_MS, END_ZONE_PERCENT = 5_000, 5
FINISHED_PERCENT = 90


@dataclass(frozen=True, slots=True)
class Edition:
    """The values of an edition's row that folding needs. `extent` is in milliseconds or pages."""

    id: int
    kind: str
    extent: int
    buckets: int


def count(kind: str, extent: int | None) -> int:
    """How many buckets a content of this kind and extent has."""
    if kind == MEDIA:
        return -(-(extent or 0) // SECOND_MS)
    if kind == PAGES:
        return extent or 0
    return HUNDREDTHS if kind == TEXT else 0


def seconds_played(start_ms: int, end_ms: int, extent_ms: int) -> Span:
    """The seconds whose middle lies in `[start_ms, end_ms)`; may be empty."""
    last, rest = divmod(extent_ms, SECOND_MS)
    first, after = (start_ms + 499) // SECOND_MS, (end_ms + 499) // SECOND_MS
    if not rest:
        return min(first, last), min(after, last)
    middle = last * SECOND_MS + rest // 2  # of the last, shorter one
    first = min(first, last) if start_ms <= middle else last + 1
    after = last + 1 if end_ms > middle else min(after, last)
    return first, after


def hundredths_seen(start_ppm: int, end_ppm: int) -> Span:
    """The hundredths of a text that a visible stretch touches."""
    return (
        start_ppm * HUNDREDTHS // WHOLE_PPM,
        min(-(-end_ppm * HUNDREDTHS // WHOLE_PPM), HUNDREDTHS),
    )


def place(edition: Edition, position: int) -> int | None:
    """The bucket of a position (milliseconds, 1-based page, or millionths); None without buckets.

    Positions beyond the end are at the end.
    """
    if not edition.buckets:
        return None
    if edition.kind == MEDIA:
        bucket = position // SECOND_MS
    elif edition.kind == PAGES:
        bucket = position - 1
    else:
        bucket = position * HUNDREDTHS // WHOLE_PPM
    return min(max(bucket, 0), edition.buckets - 1)


def is_at_end(edition: Edition, position: int) -> bool:
    """Whether a learner at this position has reached the end: 5 s or 5 % before it, or the last
    page."""
    if edition.kind == MEDIA:
        zone = min(END_ZONE_MS, edition.extent * END_ZONE_PERCENT // 100)
        return position >= edition.extent - zone
    if edition.kind == PAGES:
        return position >= edition.buckets
    return position >= WHOLE_PPM * (100 - END_ZONE_PERCENT) // 100


def is_finished(buckets: int, seen: int, last_bucket: int | None) -> bool:
    """Whether a learner has finished: reached the end (`last_bucket` is beyond), or seen 90 %."""
    return last_bucket == buckets or seen * 100 >= buckets * FINISHED_PERCENT
