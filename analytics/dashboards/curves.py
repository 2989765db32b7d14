"""A content second by second (page by page, hundredth by hundredth), as its learners used it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.models import ContentCurve, ContentEdition, ContentReach
from progress.models import Content
from progress.pages.words import clock

from . import charts
from .figures import share
from .hiding import SMALLEST_GROUP

LONGEST_STRETCH_SECONDS = 30
STRETCHES_OF_A_CONTENT = 10
WORTH_SAYING_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one edition: for each bucket how often it was played, by how many, left, and so on."""

    kind: str
    learners: int
    finished: int
    seen: list[int]
    viewers: list[int]
    drop_offs: list[int]
    seek_in: list[int]
    seek_out: list[int]
    pauses: list[int]
    dwell_ms: list[int]

    @property
    def replays(self) -> list[int]:
        return [max(all_ - first, 0) for all_, first in zip(self.seen, self.viewers, strict=True)]


def counts_of(content: Content) -> Counts | None:
    """The counts of the content's newest edition; None before anybody met it."""
    editions = ContentEdition.objects.filter(content=content).order_by("-pk")
    edition = editions.first()
    reach = edition and ContentReach.objects.filter(pk=edition.pk).first()
    if edition is None or reach is None:
        return None
    months = list(ContentCurve.objects.filter(edition=edition))
    size = edition.buckets

    def total(name: str) -> list[int]:
        return added((getattr(month, name) for month in months), size)

    return Counts(
        kind=edition.kind,
        learners=reach.learners,
        finished=reach.finished,
        seen=total("seen"),
        viewers=added([reach.viewers], size),
        drop_offs=added([reach.drop_offs], size),
        seek_in=total("seek_in"),
        seek_out=total("seek_out"),
        pauses=total("pauses"),
        dwell_ms=total("dwell_ms"),
    )


def added(rows: Iterable[Sequence[int]], size: int) -> list[int]:
    """The rows added up place by place; short ones count as nought at their end."""
    total = [0] * size
    for row in rows:
        for place, value in enumerate(row[:size]):
            total[place] += value
    return total


# --- Drawn ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Track:
    """A row of small bars under the curve, as one path; `total` is all of them."""

    label: str
    path: str
    total: int


@dataclass(frozen=True, slots=True)
class Drawing:
    seen: charts.Curve
    viewers: charts.Curve
    tracks: list[Track]
    most: int
    start: str
    end: str
    buckets: int
    table: list[tuple[str, int, int, int, int, int, int]]
    width: int = charts.WIDTH
    height: int = charts.HEIGHT
    track_height: int = 24


def drawing(counts: Counts) -> Drawing:
    most = max(counts.seen, default=0)
    name = place_names(counts.kind)
    tracks = [
        (_("Left for good here"), counts.drop_offs),
        (_("Jumped to here"), counts.seek_in),
        (_("Jumped away from here"), counts.seek_out),
        (_("Paused here"), counts.pauses),
    ]
    return Drawing(
        seen=charts.curve(counts.seen, most),
        viewers=charts.curve(counts.viewers, most),
        tracks=[
            Track(label, charts.ticks(values, 24), sum(values))
            for label, values in tracks
            if any(values)
        ],
        most=most,
        start=name(0),
        end=name(len(counts.seen)) if counts.kind == "media" else name(len(counts.seen) - 1),
        buckets=len(counts.seen),
        table=_table(counts, name),
    )


def place_names(kind: str) -> Callable[[int], str]:
    """How a bucket is called: `3:10`, `page 4`, `41 %`."""
    if kind == ContentEdition.Kind.MEDIA:
        return lambda bucket: clock(bucket * 1000)
    if kind == ContentEdition.Kind.PAGES:
        return lambda bucket: _("page %(number)s") % {"number": bucket + 1}
    return lambda bucket: f"{bucket} %"


def _table(counts: Counts, name: Callable[[int], str]) -> list[tuple]:
    """The curve in at most sixty lines: the highest of each stretch, sums of what happened."""
    step = max(-(-len(counts.seen) // 60), 1)
    lines = []
    for start in range(0, len(counts.seen), step):
        part = slice(start, start + step)
        lines.append(
            (
                name(start),
                max(counts.viewers[part]),
                max(counts.replays[part]),
                sum(counts.drop_offs[part]),
                sum(counts.seek_in[part]),
                sum(counts.seek_out[part]),
                sum(counts.pauses[part]),
            )
        )
    return lines


# --- In words ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Hotspot:
    """Something worth looking at: what it is, and the second to play from."""

    text: str
    second: int | None


def hotspots(counts: Counts) -> list[Hotspot]:
    """Where a content is replayed, left and paused most; nothing for fewer than five learners."""
    if counts.learners < SMALLEST_GROUP or not counts.seen:
        return []
    told = [_replayed(counts), left_at(counts), _paused(counts)]
    return [hotspot for hotspot in told if hotspot is not None]


def _stretch(values: Sequence[int], kind: str) -> tuple[int, int, int]:
    """The stretch (start, end, sum) in which values are most: half a minute or less, or a page."""
    size = 1
    if kind == ContentEdition.Kind.MEDIA:
        size = max(min(LONGEST_STRETCH_SECONDS, len(values) // STRETCHES_OF_A_CONTENT), 1)
    running = sum(values[:size])
    best, best_start = running, 0
    for start in range(1, len(values) - size + 1):
        running += values[start + size - 1] - values[start - 1]
        if running > best:
            best, best_start = running, start
    return best_start, best_start + size, best


def _where(counts: Counts, start: int, end: int) -> str:
    name = place_names(counts.kind)
    return f"{name(start)}–{name(end)}" if end - start > 1 else name(start)


def _second(counts: Counts, start: int) -> int | None:
    return start if counts.kind == ContentEdition.Kind.MEDIA else None


def _replayed(counts: Counts) -> Hotspot | None:
    start, end, replays = _stretch(counts.replays, counts.kind)
    first = sum(counts.viewers[start:end])
    percent = share(replays, first)
    if percent < WORTH_SAYING_PERCENT:
        return None
    told = _("%(where)s is replayed most: for 100 first views %(percent)s more.")
    where = _where(counts, start, end)
    return Hotspot(told % {"where": where, "percent": percent}, _second(counts, start))


def left_at(counts: Counts) -> Hotspot | None:
    """Where those who left it unfinished left, if there is such a place."""
    start, end, left = _stretch(counts.drop_offs, counts.kind)
    total = sum(counts.drop_offs)
    if total < SMALLEST_GROUP or share(left, total) < WORTH_SAYING_PERCENT:
        return None
    told = _("%(left)s of the %(total)s who left it unfinished left at %(where)s.")
    where = _where(counts, start, end)
    return Hotspot(told % {"left": left, "total": total, "where": where}, _second(counts, start))


def _paused(counts: Counts) -> Hotspot | None:
    start, end, pauses = _stretch(counts.pauses, counts.kind)
    total = sum(counts.pauses)
    if pauses < SMALLEST_GROUP or share(pauses, total) < WORTH_SAYING_PERCENT:
        return None
    told = _("%(percent)s %% of all pauses are at %(where)s.")
    where = _where(counts, start, end)
    return Hotspot(told % {"percent": share(pauses, total), "where": where}, _second(counts, start))
