"""A content second by second (page by page, hundredth by hundredth), as its learners used it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.models import ContentCurve, ContentEdition, ContentReach
from progress.models import Content
from progress.pages.words import clock

from . import charts
from .figures import share
from .minimum_sample import is_enough

MAX_STRETCH_SECONDS = 30
STRETCHES_OF_A_CONTENT = 10
MIN_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """For each bucket of an edition, how often it was played, by how many learners, left, and so
    on.

    For a group of its learners (`is_group`) only `viewers`, `replayers` and `drop_offs` are known.
    """

    kind: str
    learners: int
    finished: int
    viewers: list[int]
    replayers: list[int]
    drop_offs: list[int]
    seen: list[int]
    seek_in: list[int]
    seek_out: list[int]
    pauses: list[int]
    dwell_ms: list[int]
    is_group: bool = False

    @property
    def is_media(self) -> bool:
        return self.kind == ContentEdition.Kind.MEDIA

    @property
    def replays(self) -> list[int]:
        """How often each second was played again. Of pages this isn't known: every event on a
        page names it."""
        if not self.is_media or self.is_group:
            return []
        return [max(all_ - first, 0) for all_, first in zip(self.seen, self.viewers, strict=True)]


def edition_of(content: Content) -> ContentEdition | None:
    """The content's newest edition; None before anyone opened it."""
    return ContentEdition.objects.filter(content=content).order_by("-pk").first()


def counts_of(edition: ContentEdition) -> Counts | None:
    """The counts of everyone who opened an edition; None if nobody did."""
    reach = ContentReach.objects.filter(pk=edition.pk).first()
    if reach is None:
        return None
    months = list(ContentCurve.objects.filter(edition=edition))
    size = edition.buckets

    def total(name: str) -> list[int]:
        return added((getattr(month, name) for month in months), size)

    return Counts(
        kind=edition.kind,
        learners=reach.learners,
        finished=reach.finished,
        viewers=added([reach.viewers], size),
        replayers=added([reach.replayers], size),
        drop_offs=added([reach.drop_offs], size),
        seen=total("seen"),
        seek_in=total("seek_in"),
        seek_out=total("seek_out"),
        pauses=total("pauses"),
        dwell_ms=total("dwell_ms"),
    )


def added(rows: Iterable[Sequence[int]], size: int) -> list[int]:
    """The rows added up position by position; short ones count as zero at their end."""
    total = [0] * size
    for row in rows:
        for place, value in enumerate(row[:size]):
            total[place] += value
    return total


# --- Drawn ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Track:
    """A row of small bars under the curve, as one path; `total` is their sum."""

    label: str
    path: str
    total: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """An area, perhaps with a line in front, and small rows of bars below; `table` has all the
    values."""

    area: charts.Curve
    area_label: str
    line: charts.Curve | None
    line_label: str
    tracks: list[Track]
    axis: charts.Axis
    ticks: list[str]
    buckets: int
    heads: list[str]
    table: list[tuple[str, list[int]]]
    width: int = charts.WIDTH
    height: int = charts.HEIGHT
    track_height: int = 24


def drawing(counts: Counts) -> Drawing:
    name = place_names(counts.kind)
    (area_label, area), (line_label, line) = _lines(counts)
    axis, has_steps = charts.axis(max(area, default=0)), counts.kind == ContentEdition.Kind.PAGES
    tracks = [
        (_("Left for good here"), counts.drop_offs),
        (_("Jumped to here"), counts.seek_in),
        (_("Jumped away from here"), counts.seek_out),
        (_("Paused here"), counts.pauses),
    ]
    size = len(counts.viewers)
    return Drawing(
        area=charts.curve(area, axis.top, has_steps=has_steps),
        area_label=area_label,
        line=charts.curve(line, axis.top) if line else None,
        line_label=line_label,
        tracks=[
            Track(label, charts.ticks(values, 24), sum(values))
            for label, values in tracks
            if any(values)
        ],
        axis=axis,
        ticks=charts.spread([name(place) for place in range(size + counts.is_media)]),
        buckets=size,
        heads=[label for label, _values, _combine in _columns(counts)],
        table=_table(counts, name),
    )


def _lines(counts: Counts) -> list[tuple[str, list[int]]]:
    """What is drawn as an area, and as a line in front of it."""
    if not counts.is_media:
        return [(_("Readers"), counts.viewers), ("", [])]
    if counts.is_group:
        return [(_("Learners who saw it"), counts.viewers), (_("Saw it again"), counts.replayers)]
    return [(_("All plays"), counts.seen), (_("First views"), counts.viewers)]


def place_names(kind: str) -> Callable[[int], str]:
    """How a bucket is labelled: `3:10`, `page 4`, `41 %`."""
    if kind == ContentEdition.Kind.MEDIA:
        return lambda bucket: clock(bucket * 1000)
    if kind == ContentEdition.Kind.PAGES:
        return lambda bucket: _("page %(number)s") % {"number": bucket + 1}
    return lambda bucket: f"{bucket} %"


def _columns(counts: Counts) -> list[tuple[str, list[int], Callable]]:
    """The table's columns: head, values, and how the values of a row are combined. Without what
    was never counted."""
    columns: list[tuple[str, list[int], Callable]]
    if counts.is_media:
        columns = [
            (_("First views"), counts.viewers, max),
            (_("Learners who replayed"), counts.replayers, max),
            (_("Replays"), counts.replays, max),
        ]
    else:
        columns = [(_("Readers"), counts.viewers, max)]
    columns.append((_("Left for good"), counts.drop_offs, sum))
    if counts.is_media or any(counts.seek_in):
        columns.append((_("Jumped to"), counts.seek_in, sum))
    if counts.is_media:
        columns.append((_("Jumped away"), counts.seek_out, sum))
        columns.append((_("Paused"), counts.pauses, sum))
    return [column for column in columns if column[1]]


def _table(counts: Counts, name: Callable[[int], str]) -> list[tuple[str, list[int]]]:
    """The curve in at most sixty rows: the highest value of each stretch, or the sum."""
    size, columns = len(counts.viewers), _columns(counts)
    step = max(-(-size // 60), 1)
    return [
        (name(start), [combine(values[start : start + step]) for _head, values, combine in columns])
        for start in range(0, size, step)
    ]


# --- In words ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Hotspot:
    """Something worth looking at: a sentence, and the second to play from."""

    text: str
    second: int | None


def elsewhere(counts: Counts) -> list[Hotspot]:
    """Where learners leave and pause most."""
    if not is_enough(counts.learners) or not counts.viewers:
        return []
    return [hotspot for hotspot in (_left(counts), _paused(counts)) if hotspot is not None]


@dataclass(frozen=True, slots=True)
class Passage:
    """Seconds of a medium that many learners replay."""

    start: int
    end: int

    def hotspot(self, percent: int, more: str = "") -> Hotspot:
        """`41 % of those who watched 3:10–3:40 replayed it`; `more` is added at the end."""
        name = place_names(ContentEdition.Kind.MEDIA)
        where = f"{name(self.start)}–{name(self.end)}"
        text = _("%(percent)s %% of those who watched %(where)s replayed it%(more)s.")
        return Hotspot(text % {"percent": percent, "where": where, "more": more}, self.start)


def replayed_most(counts: Counts) -> Passage | None:
    """The passage that most learners replay; None if too few do."""
    if not is_enough(counts.learners) or not counts.is_media or not any(counts.replayers):
        return None
    start, end, again = _stretch(counts.replayers, counts.kind)
    watched = sum(counts.viewers[start:end])
    return Passage(start, end) if share(again, watched) >= MIN_PERCENT else None


def _stretch(values: Sequence[int], kind: str) -> tuple[int, int, int]:
    """The stretch (start, end, sum) with the highest sum: half a minute or less, or a page."""
    size = 1
    if kind == ContentEdition.Kind.MEDIA:
        size = max(min(MAX_STRETCH_SECONDS, len(values) // STRETCHES_OF_A_CONTENT), 1)
    running = sum(values[:size])
    best, best_start = running, 0
    for start in range(1, len(values) - size + 1):
        running += values[start + size - 1] - values[start - 1]
        if running > best:
            best, best_start = running, start
    return best_start, best_start + size, best


def _where(kind: str, start: int, end: int) -> str:
    name = place_names(kind)
    return f"{name(start)}–{name(end)}" if end - start > 1 else name(start)


def _second(kind: str, start: int) -> int | None:
    return start if kind == ContentEdition.Kind.MEDIA else None


def _left(counts: Counts) -> Hotspot | None:
    return left_at(counts.kind, counts.drop_offs)


def left_at(kind: str, drop_offs: Sequence[int]) -> Hotspot | None:
    """Where learners who didn't finish it left, if many left at the same point."""
    start, end, left = _stretch(drop_offs, kind)
    total = sum(drop_offs)
    if not is_enough(total) or share(left, total) < MIN_PERCENT:
        return None
    text = _("%(left)s of the %(total)s who left it unfinished left at %(where)s.")
    words = {"left": left, "total": total, "where": _where(kind, start, end)}
    return Hotspot(text % words, _second(kind, start))


def _paused(counts: Counts) -> Hotspot | None:
    start, end, pauses = _stretch(counts.pauses, counts.kind)
    total = sum(counts.pauses)
    if not is_enough(pauses) or share(pauses, total) < MIN_PERCENT:
        return None
    text = _("%(percent)s %% of all pauses are at %(where)s.")
    words = {"percent": share(pauses, total), "where": _where(counts.kind, start, end)}
    return Hotspot(text % words, _second(counts.kind, start))
