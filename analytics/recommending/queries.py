"""A learner's suggestions, from the tables: one statement, however many courses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from analytics.facts.mastery.reviewing import remembered
from analytics.models import Dismissal, LearnerSkill, PeerContent
from progress.models import Enrollment, QuizAttempt
from progress.state.course_state import CourseReading

from .suggesting import Known, Peers, Suggestion, suggest

COMMON_SHARE = 0.3  # less is no habit of theirs


def suggestions(readings: Sequence[CourseReading]) -> list[Suggestion]:
    """What one learner, of whom all these are, should do next; the most useful first."""
    if not readings:
        return []
    now = readings[0].now
    facts = _facts(readings)
    tried = [(reading, facts[reading.enrollment.pk]) for reading in readings]
    return suggest(
        readings,
        {told["skill"]: _known(told, now) for told in tried[0][1].skills},
        {pk: found.skills for each in readings for pk, found in each.structure.contents.items()},
        {(reading.enrollment.pk, pk) for reading, each in tried for pk in each.dismissed},
        {(reading.enrollment.pk, pk) for reading, each in tried for pk in _used_up(reading, each)},
        {
            (reading.enrollment.pk, content): found
            for reading, each in tried
            for content, found in _peers(reading, each).items()
        },
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What suggestions go by: `attempts` that were handed in, the oldest first; and where those
    went back to (`peers`) who failed a quiz of the course."""

    skills: list[dict]
    dismissed: list[int]
    attempts: list[dict]
    peers: list[dict]


def _facts(readings: Sequence[CourseReading]) -> dict[int, _Facts]:
    own = {"enrollment": OuterRef("pk")}
    attempts = QuizAttempt.objects.filter(
        **own, user=OuterRef("user"), submitted_at__isnull=False, content__retired_at=None
    ).order_by("submitted_at")
    peers = PeerContent.objects.filter(quiz__module__course=OuterRef("course"))
    rows = (
        Enrollment.objects.filter(
            pk__in=[each.enrollment.pk for each in readings], user=readings[0].enrollment.user_id
        )
        .annotate(
            known=_array(
                LearnerSkill.objects.filter(user=OuterRef("user")).order_by(),
                ("skill", "answers", "mastery", "stability_days", "reviewed_at", "due_at"),
            ),
            dismissed=ArraySubquery(Dismissal.objects.filter(**own).values("content_id")),
            tried=_array(attempts, ("content_id", "passed", "submitted_at")),
            like=_array(peers, ("quiz_id", "quiz__title", "content_id", "learners", "went_back")),
        )
        .values_list("pk", "known", "dismissed", "tried", "like")
    )
    return {pk: _Facts(*told) for pk, *told in rows}


def _array(rows, names: Iterable[str]) -> ArraySubquery:
    return ArraySubquery(rows.values(told=JSONObject(**{name: name for name in names})))


# --- Skills --------------------------------------------------------------------------------------
def _known(told: dict, now: datetime) -> Known:
    reviewed_at = datetime.fromisoformat(told["reviewed_at"])
    return Known(
        told["answers"],
        told["mastery"],
        remembered(told["stability_days"], reviewed_at, now),
        datetime.fromisoformat(told["due_at"]) <= now,
    )


# --- Attempts ------------------------------------------------------------------------------------
def _used_up(reading: CourseReading, facts: _Facts) -> Iterable[int]:
    """Quizzes without an attempt left."""
    made = Counter(each["content_id"] for each in facts.attempts)
    known = reading.structure.contents
    return (
        pk
        for pk, count in made.items()
        if pk in known and (most := known[pk].max_attempts) is not None and count >= most
    )


def _failing(facts: _Facts) -> dict[int, datetime]:
    """`{quiz id: when it was failed first}` of quizzes not passed yet."""
    passed = {each["content_id"] for each in facts.attempts if each["passed"]}
    failed: dict[int, datetime] = {}
    for each in facts.attempts:
        if each["passed"] is False and each["content_id"] not in passed:
            failed.setdefault(each["content_id"], datetime.fromisoformat(each["submitted_at"]))
    return failed


# --- Like learners -------------------------------------------------------------------------------
def _peers(reading: CourseReading, facts: _Facts) -> dict[int, Peers]:
    """Where like learners went back to and this one hasn't been since failing the same quiz."""
    failed = _failing(facts)
    found: dict[int, Peers] = {}
    for row in facts.peers:
        content, share = row["content_id"], row["went_back"] / row["learners"]
        if row["quiz_id"] not in failed or share < COMMON_SHARE:
            continue
        seen = reading.rows.get(content)
        was_there = seen is not None and seen.last_event_at > failed[row["quiz_id"]]
        if not was_there and (content not in found or found[content].share < share):
            found[content] = Peers(row["quiz__title"], share)
    return found
