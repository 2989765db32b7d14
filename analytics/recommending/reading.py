"""A learner's suggestions, from the tables: at most six statements, however many courses."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count

from analytics.mastery.reviewing import remembered
from analytics.models import Dismissal, LearnerSkill, PeerContent
from progress.models import ContentProgress, QuizAttempt
from progress.reading import CourseReading

from . import peers
from .suggesting import Known, Peers, Suggestion, suggest

COMMON_SHARE = 0.3  # less is no habit of theirs


def suggestions(readings: Sequence[CourseReading]) -> list[Suggestion]:
    """What one learner, of whom all these are, should do next; the most useful first."""
    if not readings:
        return []
    known = knowledge(readings[0].enrollment.user_id, readings[0].now)
    like = _peers(readings)
    if not known and not like and not any(_has_order(reading) for reading in readings):
        return []  # nothing to go by, and nothing more to ask
    unwanted = Dismissal.objects.filter(enrollment__in=[each.enrollment.pk for each in readings])
    return suggest(
        readings,
        known,
        {pk: facts.skills for each in readings for pk, facts in each.structure.contents.items()},
        set(unwanted.values_list("enrollment_id", "content_id")),
        _used_up(readings),
        like,
    )


def _peers(readings: Sequence[CourseReading]) -> dict[tuple[int, int], Peers]:
    """Where like learners went back to and this one hasn't been since failing the same quiz."""
    may_fail = [each.enrollment.pk for each in readings if _has_quiz(each)]
    failed = peers.failing(may_fail) if may_fail else {}
    if not failed:
        return {}
    rows = PeerContent.objects.filter(quiz__in={quiz for _, quiz in failed}).select_related("quiz")
    by_quiz: dict[int, list[PeerContent]] = {}
    for row in rows:
        if row.went_back / row.learners >= COMMON_SHARE:
            by_quiz.setdefault(row.quiz_id, []).append(row)
    since = _last_seen(failed) if by_quiz else {}
    found: dict[tuple[int, int], Peers] = {}
    for (enrollment, quiz), failed_at in failed.items():
        for row in by_quiz.get(quiz, ()):
            key, share = (enrollment, row.content_id), row.went_back / row.learners
            is_done = key in since and since[key] > failed_at
            if not is_done and (key not in found or found[key].share < share):
                found[key] = Peers(row.quiz.title, share)
    return found


def _has_quiz(reading: CourseReading) -> bool:
    """Whether a quiz with a pass mark is left to be passed."""
    return any(
        facts.pass_bp is not None and not reading.is_done(facts)
        for facts in reading.structure.contents.values()
        if facts.is_quiz and facts.is_active
    )


def _last_seen(failed: Collection[tuple[int, int]]) -> dict[tuple[int, int], datetime]:
    rows = ContentProgress.objects.filter(enrollment__in={enrollment for enrollment, _ in failed})
    told = rows.values_list("enrollment_id", "content_id", "last_event_at")
    return {(enrollment, content): at for enrollment, content, at in told}


def _has_order(reading: CourseReading) -> bool:
    return any(facts.prerequisites for facts in reading.structure.contents.values())


def knowledge(user_id: int, now: datetime) -> dict[str, Known]:
    """A learner's skills by name."""
    return {
        row.skill: Known(
            row.answers,
            row.mastery,
            remembered(row.stability_days, row.reviewed_at, now),
            row.due_at <= now,
        )
        for row in LearnerSkill.objects.filter(user=user_id)
    }


def _used_up(readings: Sequence[CourseReading]) -> set[tuple[int, int]]:
    """Quizzes without an attempt left, as `(enrolment id, content id)`."""
    most = {
        (reading.enrollment.pk, facts.id): facts.max_attempts
        for reading in readings
        for facts in reading.structure.contents.values()
        if facts.max_attempts is not None
    }
    if not most:
        return set()
    made = (
        QuizAttempt.objects.filter(
            enrollment__in={enrollment for enrollment, _ in most},
            content__in={content for _, content in most},
            submitted_at__isnull=False,
        )
        .values_list("enrollment_id", "content_id")
        .annotate(made=Count("pk"))
    )
    return {
        (enrollment, content)
        for enrollment, content, count in made
        if count >= most[enrollment, content]
    }
