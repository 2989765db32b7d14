"""What each learner of a group has seen of a content, and what that adds up to.

Rollups add all learners up; what a page is narrowed to is added up here, from the rollup that keeps
what each of them saw.
"""

from functools import cached_property

from analytics.models import ContentEdition, LearnerContent
from analytics.rollups.parts import Footing
from analytics.rollups.writing import footing_of
from progress.rules.coverage import Spans, clip_all, length

from .curves import Counts
from .filters import Chosen


class Learners:
    """The learners whom a page is narrowed to, at one edition; read when asked for, and once."""

    def __init__(self, edition: ContentEdition, chosen: Chosen):
        self._edition = edition
        self._chosen = chosen

    @cached_property
    def footings(self) -> dict[int, Footing]:
        """By enrolment; one statement."""
        rows = LearnerContent.objects.filter(edition=self._edition)
        rows = self._chosen.narrow(
            rows, course="edition__content__module__course", user="enrollment__user"
        )
        return {row.enrollment_id: footing_of(row) for row in rows}

    def counts(self) -> Counts:
        size = self._edition.buckets
        viewers, replayers, drop_offs = [0] * (size + 1), [0] * (size + 1), [0] * (size + 1)
        finished = 0
        for footing in self.footings.values():
            _step(viewers, footing.seen)
            _step(replayers, footing.again)
            if footing.is_finished(size):
                finished += 1
            elif footing.last is not None and size:
                drop_offs[footing.last[2]] += 1
        return Counts(
            kind=self._edition.kind,
            learners=len(self.footings),
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
        """Who watched at least half of these seconds, and whether they replayed so much of it."""
        half = (end - start) / 2

        def has_half(spans: Spans) -> bool:
            return length(clip_all(spans, start, end)) >= half

        return {
            enrollment: has_half(footing.again)
            for enrollment, footing in self.footings.items()
            if has_half(footing.seen)
        }


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
