"""A content: who begins and finishes it, and what happens where in it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from analytics.models import ContentDay, ContentEdition
from analytics.query import activity, attempts, charts, curves, quiz
from analytics.query.dropout import GONE_AFTER
from analytics.query.figures import Figure, change, share
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from analytics.query.subset import LearnerSubset
from progress.models import Content, ContentProgress
from progress.pages.words import duration
from progress.state import short_media

from . import missed_questions

MEDIA = {Content.Type.VIDEO, Content.Type.AUDIO}


@dataclass(frozen=True, slots=True)
class ContentInsight:
    """What is shown of a content, on its page and by the API."""

    content: Content
    as_of: datetime
    sentence: str
    figures: list[Figure]
    drawing: curves.Drawing | None
    hotspots: list[curves.Hotspot]
    dwell: charts.Bars | None
    questions: list[quiz.Item]
    attempts: list[attempts.AttemptSummary]
    is_hidden_group: bool
    is_group: bool
    folded_at: datetime | None
    is_media: bool
    short: str

    @property
    def words(self) -> list[str]:
        return [hotspot.text for hotspot in self.hotspots]


def insight(content: Content, filters: Filters, now: datetime) -> ContentInsight:
    is_quiz = content.content_type == Content.Type.QUIZ
    edition = None if is_quiz else curves.edition_of(content)
    learners = LearnerSubset(edition, filters) if edition else None
    counts = counts_of(edition, learners, filters) if edition and learners else None
    is_shown = counts is not None and is_enough(counts.learners) and bool(counts.viewers)
    learner_counts = _counted(content, filters, now)
    folded_at = activity.folded().first()
    figures = _figures(content, filters, learner_counts, now)
    return ContentInsight(
        content=content,
        as_of=now,
        sentence=_sentence(learner_counts),
        figures=figures + _happenings(content, filters, folded_at, is_shown=is_shown),
        drawing=curves.drawing(counts) if counts and is_shown else None,
        hotspots=hotspots(content, counts, learners, filters) if counts and learners else [],
        dwell=_dwell(counts) if counts and is_shown else None,
        questions=quiz.items(content, filters) if is_quiz else [],
        attempts=attempts.by_number(content, filters) if is_quiz else [],
        is_hidden_group=counts is not None and not is_shown and bool(counts.viewers),
        is_group=filters.is_group,
        folded_at=folded_at,
        is_media=content.content_type in MEDIA,
        short=_short(content, counts),
    )


def _short(content: Content, counts: curves.Counts | None) -> str:
    """A warning that the medium is probably shorter than its course says; checked only if nobody
    has reached its end."""
    return "" if counts and any(counts.seen[-1:]) else short_media.warning(content)


def counts_of(
    edition: ContentEdition, learners: LearnerSubset, filters: Filters
) -> curves.Counts | None:
    """The counts of everyone, or of the group the page is filtered by."""
    return learners.counts() if filters.is_group else curves.counts_of(edition)


def hotspots(
    content: Content, counts: curves.Counts, learners: LearnerSubset, filters: Filters
) -> list[curves.Hotspot]:
    """Where it is replayed, left and paused most; nothing for fewer than five learners."""
    passage = curves.replayed_most(counts)
    if passage is None:
        return curves.elsewhere(counts)
    replays = learners.replays(passage.start, passage.end)
    return missed_questions.hotspots(content, passage, replays, filters) + curves.elsewhere(counts)


def _counted(content: Content, filters: Filters, now: datetime) -> dict[str, int]:
    rows = ContentProgress.objects.filter(
        content=content, enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    gone = Q(completed_at=None, last_event_at__lt=now - GONE_AFTER)
    return filters.apply(rows, course="enrollment__course").aggregate(
        begun=Count("pk"),
        done=Count("pk", filter=Q(completed_at__isnull=False)),
        left=Count("pk", filter=gone),
        time_ms=Sum("time_ms", default=0),
    )


def _sentence(counts: dict[str, int]) -> str:
    if not counts["begun"]:
        return _("Nobody has begun it yet.")
    text = _("%(done)s of %(begun)s who began it finished it")
    if counts["left"]:
        text += _("; %(left)s left it and haven't been back for two weeks")
    return (text + _(".")) % counts


def _figures(
    content: Content, filters: Filters, counts: dict[str, int], now: datetime
) -> list[Figure]:
    begun = counts["begun"]
    figures = [
        Figure(
            "begun",
            _("Began it"),
            str(begun),
            _("Current learners with any event in it."),
            now,
            amount=begun,
        ),
        Figure(
            "finished",
            _("Finished it"),
            f"{share(counts['done'], begun)} %",
            _("Of those who began it, how many have completed it."),
            now,
            amount=share(counts["done"], begun),
            unit="percent",
        ),
    ]
    if is_enough(begun):
        mean = counts["time_ms"] / begun / 1000
        counts = _("Credited active time in it, the mean over those who began it.")
        value = {"amount": round(mean), "unit": "seconds"}
        figures.append(Figure("time", _("Time spent in it"), duration(mean), counts, now, **value))
    return figures


def _happenings(
    content: Content, filters: Filters, folded: datetime | None, *, is_shown: bool
) -> list[Figure]:
    """Views in the chosen days and, if `is_shown`, replays; from the rollups.

    Neither is counted by department or month of enrolment, so both are left out for a group.
    """
    if filters.is_group:
        return []
    period, before = filters.period, filters.period.before
    this = Q(day__gte=period.since, day__lte=period.until)
    last = Q(day__gte=before.since, day__lte=before.until)
    summed = ContentDay.objects.filter(
        content=content, day__gte=before.since, day__lte=period.until
    ).aggregate(
        opened=Sum("views", filter=this, default=0),
        opened_before=Sum("views", filter=last, default=0),
        covered=Sum("covered_ms", filter=this, default=0),
        replayed=Sum("replayed_ms", filter=this, default=0),
    )
    figures = [
        Figure(
            "views",
            _("Views"),
            str(summed["opened"]),
            _("How often it was opened in this period (UTC days), by anyone."),
            folded,
            change(summed["opened"], summed["opened_before"]),
            amount=summed["opened"],
            before=summed["opened_before"],
            of_period=True,
        )
    ]
    if is_shown and summed["covered"] + summed["replayed"]:
        percent = share(summed["replayed"], summed["covered"] + summed["replayed"])
        counts = _("Of the time played in this period, the share that had been covered before.")
        value = {"amount": percent, "unit": "percent", "of_period": True}
        figures.append(Figure("replayed", _("Replayed"), f"{percent} %", counts, folded, **value))
    return figures


def _dwell(counts: curves.Counts) -> charts.Bars | None:
    """How long a learner stays on each page: the mean over those who saw it."""
    if counts.kind != ContentEdition.Kind.PAGES or counts.is_group:
        return None
    means = [
        dwell / viewers if viewers else 0
        for dwell, viewers in zip(counts.dwell_ms, counts.viewers, strict=True)
    ]
    name = curves.place_names(counts.kind)
    return charts.bars(
        [(name(page), ms, duration(ms / 1000)) for page, ms in enumerate(means)],
        charts.Unit.MILLISECONDS,
    )
