"""What people and systems are shown of a learner's progress. Reads only, and never stale.

Percentages are computed from coverage and today's structure, not copied from stored ones: what the
author changed a second ago shows at once, also before the job refolded the course.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from progress import folding
from progress.folding import Standing
from progress.ingest.aftermath import certificate, content_answer
from progress.limits import current_limits
from progress.models import ContentProgress, CourseProgress, Enrollment, QuizAttempt
from progress.rules import coverage, resume
from progress.rules.completion import WHOLE_BP
from progress.rules.limits import Limits
from progress.rules.quizzes import AnswerKey
from progress.structure import ContentFacts, Structure, structure_of, structures_of
from progress.waived import waivers_of


class CourseReading:
    """One enrolment's progress at one moment: rows, structure, and every content's standing.

    `enrollment` comes with its course and course progress selected; makes one statement, or two
    when the course's structure isn't in memory; none of those that it is given.
    """

    def __init__(
        self,
        enrollment: Enrollment,
        now: datetime,
        *,
        structure: Structure | None = None,
        rows: Iterable[ContentProgress] | None = None,
    ):
        self.enrollment = enrollment
        self.now = now
        self.limits: Limits = current_limits()
        self.progress: CourseProgress = enrollment.course_progress
        self.structure: Structure = structure or structure_of(enrollment.course)
        contents = _contents([enrollment]) if rows is None else rows
        self.rows = {row.content_id: row for row in contents}
        self.standings = {
            facts.id: folding.afresh(facts, self.rows.get(facts.id), self.limits)
            for facts in self.structure.contents.values()
        }
        self.waived = self._waived()
        self.added_since = self._added_since()
        self.folded = folding.fold_course(
            self.structure,
            self.standing,
            waived=self.waived,
            leave_out=frozenset(c.id for c in self.added_since),
        )

    def standing(self, facts: ContentFacts) -> Standing:
        return self.standings[facts.id]

    def _waived(self) -> frozenset[int]:
        """Also what will be, by today's structure, once the course was refolded."""
        known = self.progress.waived
        decided = {*known, *self.progress.waivers_declined}
        links = folding.waivers_due(self.structure, self.standing, decided)
        return frozenset([*known, *(link.target for link in links)])

    def is_done(self, facts: ContentFacts) -> bool:
        """Whether nothing of it is left to do: complete, or waived."""
        return self.standing(facts).is_complete or facts.id in self.waived

    def is_waived(self, facts: ContentFacts) -> bool:
        """Whether it counts without having been completed."""
        return facts.id in self.waived and not self.standing(facts).is_complete

    def _added_since(self) -> list[ContentFacts]:
        """What the author required after the learner was complete: it no longer counts."""
        if self.progress.completed_at is None:
            return []
        return [f for f in self.structure.counting() if not self.is_done(f)]

    @property
    def is_complete(self) -> bool:
        return self.progress.completed_at is not None or self.folded.course.is_complete

    @property
    def bp(self) -> int:
        return WHOLE_BP if self.is_complete else self.folded.course.bp

    def covered(self, facts: ContentFacts) -> coverage.Spans:
        return folding.coverage_of(facts, self.rows.get(facts.id))

    def missing(self, facts: ContentFacts) -> coverage.Spans:
        if facts.is_quiz or not facts.is_measured:
            return ()
        return coverage.gaps(self.covered(facts), 0, facts.extent or 0)

    # --- Why it isn't 100 % ------------------------------------------------------------------
    def remaining(self) -> list[ContentFacts]:
        """What is still to do; of alternatives the one that is furthest (`instead_of`)."""
        if self.is_complete:
            return []
        left = [f for f in self.structure.counting() if not self.is_done(f)]
        return [f for f in left if f is self._furthest(f)]

    def instead_of(self, facts: ContentFacts) -> list[ContentFacts]:
        """The alternatives to a content that could be done: any one of them is enough."""
        others = self.structure.alternatives.get(facts.id, ())
        return [each for pk in others if not self.is_done(each := self.structure.contents[pk])]

    def _furthest(self, facts: ContentFacts) -> ContentFacts:
        """Of a content and its required alternatives the one with the most done, or the first."""
        group = [each for each in (facts, *self.instead_of(facts)) if each.counts]
        if len(group) == 1:
            return facts
        order = list(self.structure.contents)
        return min(group, key=lambda each: (-self.standing(each).bp, order.index(each.id)))

    def reason(self, facts: ContentFacts) -> str:
        """Why a content isn't complete: the first thing that stands in its way."""
        if self.is_begun(facts):
            row = self.rows.get(facts.id)
            has_score = row is not None and row.best_score_bp is not None
            return "quiz_not_passed" if has_score else "in_progress"
        if facts.release_at is not None and facts.release_at > self.now:
            return "not_released"
        if self.is_locked(facts):
            return "locked"
        return "not_started"

    def is_begun(self, facts: ContentFacts) -> bool:
        """Begun, or complete: it stays open, whatever its author locks later."""
        return facts.id in self.rows or self.is_done(facts)

    def is_open(self, facts: ContentFacts) -> bool:
        """Whether the learner may go to it now."""
        return self.reason(facts) not in {"locked", "not_released"}

    def is_locked(self, facts: ContentFacts) -> bool:
        """Whether a prerequisite that still exists isn't complete yet, of what isn't begun."""
        if self.is_begun(facts):
            return False
        needed = (self.structure.contents.get(pk) for pk in facts.prerequisites)
        return any(n and n.is_active and not self.is_done(n) for n in needed)

    def needed_bp(self, facts: ContentFacts) -> int:
        """The percentage at which a content is complete."""
        if facts.is_quiz:
            return WHOLE_BP if facts.pass_bp is None else facts.pass_bp
        return self.limits.complete_at_bp if facts.complete_at_bp is None else facts.complete_at_bp

    # --- Resume ------------------------------------------------------------------------------
    def resume(self) -> dict | None:
        """`{content_id, position, updated_at}` of the latest intent, or None before any."""
        progress = self.progress
        facts = self.structure.contents.get(progress.resume_content_id or 0)
        if facts is None or not facts.is_active:
            return None
        position = progress.resume_position_milli
        if position is None:
            row = self.rows.get(facts.id)
            position = row.last_position_milli if row else None
        return {
            "content_id": facts.id,
            "position": resume_position(facts, position or 0) / 1000,
            "updated_at": progress.resume_updated_at,
        }


def readings_of(enrollments: Collection[Enrollment], now: datetime) -> list[CourseReading]:
    """The readings of several enrolments of one learner, in the order given, in two statements."""
    structures = structures_of([enrollment.course for enrollment in enrollments])
    rows: dict[int, list[ContentProgress]] = {enrollment.pk: [] for enrollment in enrollments}
    for row in _contents(enrollments):
        rows[row.enrollment_id].append(row)
    return [
        CourseReading(each, now, structure=structures[each.course_id], rows=rows[each.pk])
        for each in enrollments
    ]


def _contents(enrollments: Collection[Enrollment]):
    return ContentProgress.objects.filter(
        enrollment__in=[enrollment.pk for enrollment in enrollments],
        user_id__in={enrollment.user_id for enrollment in enrollments},
    ).defer("dwell_ppm")


def resume_position(facts: ContentFacts, position_milli: int) -> int:
    """Where a content goes on, in thousandths of its unit: at 0 when it was all but over."""
    has_places = facts.is_timed or facts.is_binned
    return resume.restart(position_milli, facts.extent if has_places else None)


def course_answer(enrollment: Enrollment, now: datetime) -> dict:
    """The body of `realtime_progress`, without the address of a stream: that names its reader."""
    return answer_of(CourseReading(enrollment, now))


def answer_of(reading: CourseReading) -> dict:
    enrollment, progress = reading.enrollment, reading.progress
    return {
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "enrollment_id": enrollment.pk,
        "cycle": enrollment.cycle,
        "as_of": reading.now,
        "completion_percentage": reading.bp / 100,
        "is_complete": reading.is_complete,
        "completed_at": progress.completed_at,
        "time_spent_seconds": progress.time_ms / 1000,
        "time_spent_minutes": float(progress.time_spent_minutes),
        "current_module_id": progress.current_module_id,
        "session_start_time": progress.session_start_time,
        "total_sessions": progress.total_sessions,
        "avg_session_duration": float(progress.avg_session_duration),
        "resume": reading.resume(),
        "modules": [_module_answer(reading, module) for module in reading.structure.modules],
        "remaining": [_remaining_answer(reading, facts) for facts in reading.remaining()],
        "new_since_completion": [
            {"content_id": facts.id, "module_id": facts.module_id, "title": facts.title}
            for facts in reading.added_since
        ],
        "waivers": waivers_of(reading),
        "certificate": certificate(progress),
    }


def _module_answer(reading: CourseReading, module) -> dict:
    fold = reading.folded.modules[module.id]
    return {
        "module_id": module.id,
        "title": module.title,
        "completion_percentage": fold.bp / 100,
        "is_complete": fold.is_complete,
        "is_applicable": fold.is_applicable,
        "time_spent_seconds": sum(
            reading.rows[facts.id].time_ms for facts in module.contents if facts.id in reading.rows
        )
        / 1000,
        "contents": [_content_entry(reading, facts) for facts in module.active],
    }


def _content_entry(reading: CourseReading, facts: ContentFacts) -> dict:
    told = content_answer(
        facts,
        reading.rows.get(facts.id),
        reading.standing(facts),
        is_waived=reading.is_waived(facts),
    )
    del told["module_id"]
    return told | {
        "title": facts.title,
        "content_type": facts.content_type,
        "required": facts.required,
    }


def _remaining_answer(reading: CourseReading, facts: ContentFacts) -> dict:
    told = {
        "content_id": facts.id,
        "module_id": facts.module_id,
        "title": facts.title,
        "reason": reading.reason(facts),
        "completion_percentage": reading.standing(facts).bp / 100,
        "needed_percentage": reading.needed_bp(facts) / 100,
        "missing": spans_answer(facts, reading.missing(facts)),
        "or_instead": [each.id for each in reading.instead_of(facts)],
    }
    row = reading.rows.get(facts.id)
    if facts.is_quiz:
        told["quiz"] = folding.quiz_standing(facts, row, reading.standing(facts))
    if facts.is_quiz and row and row.best_score_bp is not None:
        told["best_score"] = row.best_score_bp / 100
    return told


def spans_answer(facts: ContentFacts, spans: coverage.Spans) -> list[list[float]]:
    """Spans in the unit of the extent: seconds, pages (page n is [n-1, n]), or a fraction."""
    units = facts.units
    if units == 1:
        return [[start, end] for start, end in spans]
    return [[start / units, end / units] for start, end in spans]


def content_detail(enrollment: Enrollment, content_id: int, now: datetime) -> dict | None:
    """The body of `content_progress`; None for a content that the course doesn't show."""
    reading = CourseReading(enrollment, now)
    facts = reading.structure.contents.get(content_id)
    if facts is None or facts.is_hidden:
        return None
    row = reading.rows.get(content_id) or ContentProgress()
    stand = reading.standing(facts)
    extent = facts.extent
    return {
        "user_id": enrollment.user_id,
        "content_id": facts.id,
        "content_type": facts.content_type,
        "completion_source": "measured" if facts.is_measured else "reported",
        "completion_percentage": stand.bp / 100,
        "is_complete": stand.is_complete,
        "completed_at": row.completed_at,
        "time_spent_seconds": row.time_ms / 1000,
        "is_waived": reading.is_waived(facts),
        "waiver": next((w for w in waivers_of(reading) if w["content_id"] == facts.id), None),
        "last_position": None
        if row.last_position_milli is None
        else row.last_position_milli / 1000,
        "view_count": row.view_count,
        "play_count": row.play_count,
        "pause_count": row.pause_count,
        "seek_count": row.seek_count,
        "download_count": row.download_count,
        "replayed_seconds": row.replayed_ms / 1000,
        "withheld_seconds": row.withheld_ms / 1000,
        "covered": spans_answer(facts, reading.covered(facts)),
        "missing": spans_answer(facts, reading.missing(facts)),
        "extent": None if extent is None else _extent(facts, extent),
        "extent_unit": facts.extent_unit,
        "quiz": _quiz(reading, facts) if facts.is_quiz else None,
    }


def _extent(facts: ContentFacts, extent: int) -> float:
    return extent if facts.units == 1 else extent / facts.units


# --- Quizzes -------------------------------------------------------------------------------------
def attempts_at(reading: CourseReading, facts: ContentFacts) -> list[QuizAttempt]:
    """The learner's attempts at a quiz, the first one first."""
    enrollment = reading.enrollment
    return list(
        QuizAttempt.objects.filter(
            enrollment_id=enrollment.pk, user_id=enrollment.user_id, content_id=facts.id
        ).order_by("number")
    )


def shown_key(
    reading: CourseReading, facts: ContentFacts, attempts: Collection[QuizAttempt]
) -> AnswerKey | None:
    """The right choices by question, once the learner may know them: after a pass (or the
    submission, without a pass mark) or after the last attempt. None before."""
    closed = sum(attempt.submitted_at is not None for attempt in attempts)
    is_last = facts.max_attempts is not None and closed >= facts.max_attempts
    return facts.answer_key if reading.standing(facts).is_complete or is_last else None


def _quiz(reading: CourseReading, facts: ContentFacts) -> dict:
    attempts = attempts_at(reading, facts)
    reveal = shown_key(reading, facts, attempts)
    row = reading.rows.get(facts.id)
    return {
        **folding.quiz_standing(facts, row, reading.standing(facts)),
        "max_attempts": facts.max_attempts,
        "attempts": [_attempt(attempt, reveal) for attempt in attempts],
    }


def _attempt(attempt: QuizAttempt, reveal: AnswerKey | None) -> dict:
    """An attempt; right and wrong only once it is submitted, correct choices only if revealed."""
    return {
        "attempt": attempt.number,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "score": None if attempt.score_bp is None else attempt.score_bp / 100,
        "passed": attempt.passed,
        "time_seconds": attempt.time_ms / 1000,
        "answers": [
            _answer(attempt, int(question), revision, choices, reveal)
            for question, (revision, choices) in attempt.answers.items()
        ],
    }


def _answer(attempt: QuizAttempt, question: int, revision: int, choices, reveal) -> dict:
    told = {
        "question_id": question,
        "revision": revision,
        "answer": choices,
        "time_seconds": attempt.question_ms.get(str(question), 0) / 1000,
    }
    if attempt.submitted_at:
        told["is_correct"] = question in attempt.right_questions
        if reveal is not None and question in reveal:
            told["correct"] = sorted(reveal[question])
    return told
