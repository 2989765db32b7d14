"""A learner's suggestions, read from the tables in one statement for any number of courses."""

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
from progress.state.course_state import CourseState

from .suggesting import Peers, SkillState, Suggestion, suggest

COMMON_SHARE = 0.3  # a smaller share isn't worth mentioning


def suggestions(states: Sequence[CourseState]) -> list[Suggestion]:
    """What a learner should do next, the most useful first; all readings are of one learner."""
    if not states:
        return []
    now = states[0].now
    evidence = _evidence(states)
    pairs = [(state, evidence[state.enrollment.pk]) for state in states]
    return suggest(
        states,
        {row["skill"]: _skill_state(row, now) for row in pairs[0][1].skills},
        {pk: found.skills for each in states for pk, found in each.structure.contents.items()},
        {(state.enrollment.pk, pk) for state, each in pairs for pk in each.dismissed},
        {(state.enrollment.pk, pk) for state, each in pairs for pk in _used_up(state, each)},
        {
            (state.enrollment.pk, content): found
            for state, each in pairs
            for content, found in _peers(state, each).items()
        },
    )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What suggestions are based on: submitted `attempts`, the oldest first, and `peers`: what
    others went back to after failing a quiz of the course."""

    skills: list[dict]
    dismissed: list[int]
    attempts: list[dict]
    peers: list[dict]


def _evidence(states: Sequence[CourseState]) -> dict[int, _Evidence]:
    own = {"enrollment": OuterRef("pk")}
    attempts = QuizAttempt.objects.filter(
        **own, user=OuterRef("user"), submitted_at__isnull=False, content__retired_at=None
    ).order_by("submitted_at")
    dismissed = Dismissal.objects.in_force(states[0].now).filter(**own)
    peers = PeerContent.objects.filter(quiz__module__course=OuterRef("course"))
    rows = (
        Enrollment.objects.filter(
            pk__in=[each.enrollment.pk for each in states], user=states[0].enrollment.user_id
        )
        .annotate(
            known=_array(
                LearnerSkill.objects.filter(user=OuterRef("user")).order_by(),
                ("skill", "answers", "mastery", "stability_days", "reviewed_at", "due_at"),
            ),
            dismissed=ArraySubquery(dismissed.values("content_id")),
            tried=_array(attempts, ("content_id", "passed", "submitted_at")),
            peers=_array(peers, ("quiz_id", "quiz__title", "content_id", "learners", "went_back")),
        )
        .values_list("pk", "known", "dismissed", "tried", "peers")
    )
    return {pk: _Evidence(*values) for pk, *values in rows}


def _array(rows, names: Iterable[str]) -> ArraySubquery:
    return ArraySubquery(rows.values(item=JSONObject(**{name: name for name in names})))


# --- Skills --------------------------------------------------------------------------------------
def _skill_state(row: dict, now: datetime) -> SkillState:
    reviewed_at = datetime.fromisoformat(row["reviewed_at"])
    return SkillState(
        row["answers"],
        row["mastery"],
        remembered(row["stability_days"], reviewed_at, now),
        datetime.fromisoformat(row["due_at"]) <= now,
    )


# --- Attempts ------------------------------------------------------------------------------------
def _used_up(state: CourseState, evidence: _Evidence) -> Iterable[int]:
    """Quizzes without an attempt left."""
    made = Counter(each["content_id"] for each in evidence.attempts)
    contents = state.structure.contents
    return (
        pk
        for pk, count in made.items()
        if pk in contents and (limit := contents[pk].max_attempts) is not None and count >= limit
    )


def _failing(evidence: _Evidence) -> dict[int, datetime]:
    """`{quiz id: when it was failed first}` of quizzes not passed yet."""
    passed = {each["content_id"] for each in evidence.attempts if each["passed"]}
    failed: dict[int, datetime] = {}
    for each in evidence.attempts:
        if each["passed"] is False and each["content_id"] not in passed:
            failed.setdefault(each["content_id"], datetime.fromisoformat(each["submitted_at"]))
    return failed


# --- Similar learners ----------------------------------------------------------------------------
def _peers(state: CourseState, evidence: _Evidence) -> dict[int, Peers]:
    """What similar learners went back to and this one hasn't opened since failing the same quiz."""
    failed = _failing(evidence)
    found: dict[int, Peers] = {}
    for row in evidence.peers:
        content, share = row["content_id"], row["went_back"] / row["learners"]
        if row["quiz_id"] not in failed or share < COMMON_SHARE:
            continue
        seen = state.rows.get(content)
        was_there = seen is not None and seen.last_event_at > failed[row["quiz_id"]]
        if not was_there and (content not in found or found[content].share < share):
            found[content] = Peers(row["quiz__title"], share)
    return found
