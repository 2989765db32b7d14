"""How far a learner is in a course, at one moment. Reads only, and never stale.

Percentages are computed from coverage and today's structure, not copied from stored ones, so that
a change by the author shows at once, also before the job has refolded the course.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from progress.models import ContentProgress, CourseProgress, Enrollment, QuizAttempt, Waiver
from progress.rules import coverage, resume
from progress.rules.completion import WHOLE_BP
from progress.rules.limits import Limits
from progress.rules.quizzes import AnswerKey
from progress.state import folding

from .answers import RemainingReason, ResumeAnswer
from .course_rows import ContentRow, EnrollmentRow, ProgressRow, WaiverRow
from .folding import ContentState
from .limits import current_limits
from .structure import ContentSpec, Structure, structure_of, structures_of


class CourseState:
    """One enrolment's progress at one moment: its rows, the structure, and each content's state.

    `enrollment` has its course and course progress selected. Runs one statement for the rows and
    one for a structure that isn't in memory; none for what is passed in. `waivers` are the
    recorded ones in force; without them, they are read when they are needed.
    """

    def __init__(
        self,
        enrollment: Enrollment | EnrollmentRow,
        now: datetime,
        *,
        structure: Structure | None = None,
        rows: Iterable[ContentProgress | ContentRow] | None = None,
        waivers: Collection[Waiver | WaiverRow] | None = None,
    ):
        self.enrollment = enrollment
        self.now = now
        self.limits: Limits = current_limits()
        self.progress: CourseProgress | ProgressRow = enrollment.course_progress
        self.recorded_waivers = waivers
        self.structure: Structure = structure or structure_of(enrollment.course)
        contents = _contents([enrollment]) if rows is None else rows
        # A model or a row has what its reader asks for: counters are in models only.
        self.rows: dict[int, Any] = {row.content_id: row for row in contents}
        self.content_states = {
            content.id: folding.current_state(content, self.rows.get(content.id), self.limits)
            for content in self.structure.contents.values()
        }
        self.waived = self._waived()
        self.added_since = self._added_since()
        self.folded = folding.fold_course(
            self.structure,
            self.content_states,
            waived=self.waived,
            leave_out=frozenset(c.id for c in self.added_since),
        )

    def content_state(self, content: ContentSpec) -> ContentState:
        return self.content_states[content.id]

    def _waived(self) -> frozenset[int]:
        """The contents waived, also those that will be once the course has been refolded."""
        recorded = self.progress.waived
        decided = {*recorded, *self.progress.waivers_declined}
        links = folding.waivers_due(self.structure, self.content_state, decided)
        return frozenset([*recorded, *(link.target for link in links)])

    def is_done(self, content: ContentSpec) -> bool:
        """Whether nothing is left to do in it: complete, or waived."""
        return self.content_state(content).is_complete or content.id in self.waived

    def is_waived(self, content: ContentSpec) -> bool:
        """Whether it counts without having been completed."""
        return content.id in self.waived and not self.content_state(content).is_complete

    def _added_since(self) -> list[ContentSpec]:
        """Contents required only after the learner had completed the course: they don't count."""
        if self.progress.completed_at is None:
            return []
        return [f for f in self.structure.counting() if not self.is_done(f)]

    @property
    def is_complete(self) -> bool:
        return self.progress.completed_at is not None or self.folded.course.is_complete

    @property
    def bp(self) -> int:
        return WHOLE_BP if self.is_complete else self.folded.course.bp

    def covered(self, content: ContentSpec) -> coverage.Spans:
        return folding.coverage_of(content, self.rows.get(content.id))

    def missing(self, content: ContentSpec) -> coverage.Spans:
        if content.is_quiz or not content.is_measured:
            return ()
        return coverage.gaps(self.covered(content), 0, content.extent or 0)

    # --- Why it isn't 100 % ------------------------------------------------------------------
    def remaining(self) -> list[ContentSpec]:
        """The contents still to be done; of alternatives only the furthest (see `instead_of`)."""
        if self.is_complete:
            return []
        left = [f for f in self.structure.counting() if not self.is_done(f)]
        return [f for f in left if f is self._furthest(f)]

    def instead_of(self, content: ContentSpec) -> list[ContentSpec]:
        """The alternatives to a content that aren't done yet; any one of them is enough."""
        others = self.structure.alternatives.get(content.id, ())
        return [each for pk in others if not self.is_done(each := self.structure.contents[pk])]

    def _furthest(self, content: ContentSpec) -> ContentSpec:
        """Of a content and its required alternatives the one with the most done, or the first."""
        group = [each for each in (content, *self.instead_of(content)) if each.counts]
        if len(group) == 1:
            return content
        order = list(self.structure.contents)
        return min(group, key=lambda each: (-self.content_state(each).bp, order.index(each.id)))

    def reason(self, content: ContentSpec) -> RemainingReason:
        """Why a content isn't complete: the first thing that stands in its way."""
        if self.is_begun(content):
            row = self.rows.get(content.id)
            has_score = row is not None and row.best_score_bp is not None
            return "quiz_not_passed" if has_score else "in_progress"
        if content.release_at is not None and content.release_at > self.now:
            return "not_released"
        if self.is_locked(content):
            return "locked"
        return "not_started"

    def is_begun(self, content: ContentSpec) -> bool:
        """Whether it was begun or is done. Then it stays open, whatever the author locks later."""
        return content.id in self.rows or self.is_done(content)

    def is_open(self, content: ContentSpec) -> bool:
        """Whether the learner may go to it now."""
        return self.reason(content) not in {"locked", "not_released"}

    def is_locked(self, content: ContentSpec) -> bool:
        """Whether it isn't begun, and an active prerequisite of it isn't done yet."""
        return bool(self.keys_of(content))

    def keys_of(self, content: ContentSpec) -> list[ContentSpec]:
        """The contents that have to be done before it can be opened; none once it is begun."""
        if self.is_begun(content):
            return []
        needed = (self.structure.contents.get(pk) for pk in content.prerequisites)
        return [each for each in needed if each and each.is_active and not self.is_done(each)]

    def needed_bp(self, content: ContentSpec) -> int:
        """The percentage at which a content is complete."""
        if content.is_quiz:
            return WHOLE_BP if content.pass_bp is None else content.pass_bp
        return (
            self.limits.complete_at_bp if content.complete_at_bp is None else content.complete_at_bp
        )

    # --- Resume ------------------------------------------------------------------------------
    def resume(self) -> ResumeAnswer | None:
        """Where the latest navigation led, or None before any."""
        progress = self.progress
        content = self.structure.contents.get(progress.resume_content_id or 0)
        updated_at = progress.resume_updated_at
        if content is None or not content.is_active or updated_at is None:
            return None
        position = progress.resume_position_milli
        if position is None:
            row = self.rows.get(content.id)
            position = row.last_position_milli if row else None
        return {
            "content_id": content.id,
            "position": resume_position(content, position or 0) / 1000,
            "updated_at": updated_at,
        }


def course_states(enrollments: Collection[Enrollment], now: datetime) -> list[CourseState]:
    """The states of several enrolments of one learner, in the order given, in two statements."""
    structures = structures_of([enrollment.course for enrollment in enrollments])
    rows: dict[int, list[ContentProgress]] = {enrollment.pk: [] for enrollment in enrollments}
    for row in _contents(enrollments):
        rows[row.enrollment_id].append(row)
    return [
        CourseState(each, now, structure=structures[each.course_id], rows=rows[each.pk])
        for each in enrollments
    ]


def _contents(enrollments: Collection[Enrollment | EnrollmentRow]):
    return ContentProgress.objects.filter(
        enrollment__in=[enrollment.pk for enrollment in enrollments],
        user_id__in={enrollment.user_id for enrollment in enrollments},
    ).defer("dwell_ppm")


def resume_position(content: ContentSpec, position_milli: int) -> int:
    """Where to resume a content, in thousandths of its unit: at 0 when it was nearly over."""
    has_positions = content.is_timed or content.is_binned
    return resume.restart(position_milli, content.extent if has_positions else None)


def attempts_at(state: CourseState, content: ContentSpec) -> list[QuizAttempt]:
    """The learner's attempts at a quiz, oldest first."""
    enrollment = state.enrollment
    return list(
        QuizAttempt.objects.filter(
            enrollment_id=enrollment.pk, user_id=enrollment.user_id, content_id=content.id
        ).order_by("number")
    )


def visible_answer_key(
    state: CourseState, content: ContentSpec, attempts: Collection[QuizAttempt]
) -> AnswerKey | None:
    """The right choices by question, once the learner may know them: after a pass (or the
    submission, without a pass mark) or after the last attempt. None before."""
    closed = sum(attempt.submitted_at is not None for attempt in attempts)
    is_last = content.max_attempts is not None and closed >= content.max_attempts
    return content.answer_key if state.content_state(content).is_complete or is_last else None
