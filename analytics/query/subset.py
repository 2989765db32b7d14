"""What each learner of a group has seen of a content, and the sum of it.

Rollups add up all learners; for the group a page is filtered by, the sums are made here, from the
rollup that stores what each learner saw.
"""

from django.db.models import BigIntegerField, F, Func, QuerySet, Value

from analytics.facts.rollups.writing import coverage_of
from analytics.models import ContentEdition, LearnerContent
from progress.models.spans import SpansField
from progress.rules.coverage import Spans

from .curves import Counts
from .filters import Filters


class LearnerSubset:
    """The learners that a page is filtered by, at one edition; each method is one statement."""

    def __init__(self, edition: ContentEdition, filters: Filters):
        self._edition = edition
        self._filters = filters

    def counts(self) -> Counts:
        size = self._edition.buckets
        viewers, replayers, drop_offs = [0] * (size + 1), [0] * (size + 1), [0] * (size + 1)
        learners = finished = 0
        for coverage in map(coverage_of, self._rows()):
            learners += 1
            _step(viewers, coverage.seen)
            _step(replayers, coverage.again)
            if coverage.is_finished(size):
                finished += 1
            elif coverage.last is not None and size:
                drop_offs[coverage.last[2]] += 1
        return Counts(
            kind=self._edition.kind,
            learners=learners,
            finished=finished,
            viewers=_heights(viewers),
            replayers=_heights(replayers),
            drop_offs=drop_offs[:size],
            seen=[],
            seek_in=[],
            seek_out=[],
            pauses=[],
            dwell_ms=[],
            is_group=True,
        )

    def replays(self, start: int, end: int) -> dict[int, bool]:
        """For each enrolment that watched at least half of these seconds, whether it replayed as
        many."""
        half = (end - start) / 2
        rows = self._rows().annotate(
            watched=_shared("seen", start, end), replayed=_shared("again", start, end)
        )
        rows = rows.filter(watched__gte=half).values_list("enrollment_id", "replayed")
        return {enrollment: replayed >= half for enrollment, replayed in rows}

    def _rows(self) -> QuerySet[LearnerContent]:
        return self._filters.apply(
            LearnerContent.objects.filter(edition=self._edition),
            course="edition__content__module__course",
            user="enrollment__user",
        )


def _shared(spans: str, start: int, end: int) -> Func:
    """How many of some buckets are in a column's spans."""
    return Func(
        F(spans),
        Value(((start, end),), output_field=SpansField()),
        arg_joiner=" * ",
        template="(SELECT coalesce(sum(upper(part) - lower(part)), 0)"
        " FROM unnest(%(expressions)s) AS part)",
        output_field=BigIntegerField(),
    )


def _step(steps: list[int], spans: Spans) -> None:
    for start, end in spans:
        steps[start] += 1
        steps[end] -= 1


def _heights(steps: list[int]) -> list[int]:
    counts, height = [], 0
    for step in steps[:-1]:
        height += step
        counts.append(height)
    return counts
