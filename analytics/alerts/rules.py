"""When an enrolment raises an alert: facts and thresholds in, causes out. No rows, no clock."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Protocol

NEVER_STARTED = "never_started"
INACTIVE = "inactive"
PACE = "pace"
FAILING = "failing"
SKIPPING = "skipping"
INTEGRITY = "integrity"
RISK = "risk"

FEWEST_GAPS = 4


class Thresholds(Protocol):
    """As `AlertThresholds`, where each is explained."""

    switched_off: list[str]
    never_started_days: int
    inactive_times_usual: int
    inactive_least_days: int
    inactive_most_days: int
    inactive_unknown_days: int
    pace_after_percent: int
    pace_behind_points: int
    failing_attempts: int
    skipping_least_seconds: int
    skipping_percent: int
    integrity_events: int


@dataclass(frozen=True, slots=True)
class Failing:
    """The quiz of which most attempts were submitted and none passed; when the last was."""

    title: str
    attempts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an open enrolment.

    `days` are those with learning, in order. Of media: `withheld` and `covered` lately, `reached`
    up to the furthest place of each content that isn't complete, and `unseen` of that. `doubts` are
    events of late that contradict the clock or each other; `drifts` open alarms about what is
    stored.
    """

    enrollment_id: int
    user_id: int
    course_id: int
    enrolled_at: datetime
    due_at: datetime | None = None
    completion_bp: int = 0
    sessions: int = 0
    last_seen: datetime | None = None
    days: Sequence[date] = ()
    failing: Failing | None = None
    withheld_ms: int = 0
    covered_ms: int = 0
    reached_ms: int = 0
    unseen_ms: int = 0
    doubts: int = 0
    drifts: int = 0
    risk: int | None = None  # the score, where the band is high
    risk_as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an alert is raised, since when, and the numbers that its words name (as JSON)."""

    kind: str
    since: datetime
    facts: dict = field(default_factory=dict)


def causes(facts: Facts, limits: Thresholds, now: datetime) -> Iterator[Cause]:
    """Every cause that holds at `now`, of the kinds that aren't switched off."""
    for kind, rule in RULES.items():
        if kind not in limits.switched_off:
            cause = rule(facts, limits, now)
            if cause is not None:
                yield cause


def never_started(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    if facts.sessions or now - facts.enrolled_at < timedelta(days=limits.never_started_days):
        return None
    return Cause(NEVER_STARTED, facts.enrolled_at)


def inactive(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    """Silent for longer than is usual for this very learner."""
    if facts.last_seen is None:
        return None
    usual = usual_gap(facts.days)
    allowed = allowed_days(usual, limits)
    if now - facts.last_seen < timedelta(days=allowed):
        return None
    return Cause(INACTIVE, facts.last_seen, {"usual_days": usual, "allowed_days": allowed})


def usual_gap(days: Sequence[date]) -> int | None:
    """The gap in days that four of five of somebody's gaps don't exceed; None for too few gaps."""
    gaps = sorted((later - day).days for day, later in pairwise(days))
    if len(gaps) < FEWEST_GAPS:
        return None
    return gaps[-(-len(gaps) * 4 // 5) - 1]


def allowed_days(usual: int | None, limits: Thresholds) -> int:
    """For how many days somebody with that usual gap may be silent."""
    if usual is None:
        return limits.inactive_unknown_days
    allowed = usual * limits.inactive_times_usual
    return min(max(allowed, limits.inactive_least_days), limits.inactive_most_days)


def pace(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    """Overdue; or begun, and too far behind an even pace towards the due date."""
    if facts.due_at is None:
        return None
    done = facts.completion_bp // 100
    if now >= facts.due_at:
        return Cause(PACE, facts.due_at, {"done_percent": done, "is_overdue": True})
    span = facts.due_at - facts.enrolled_at
    even = int((now - facts.enrolled_at) * 100 / span) if span > timedelta() else 0
    if not facts.sessions or even < limits.pace_after_percent:
        return None
    if even - done < limits.pace_behind_points:
        return None
    since = facts.enrolled_at + span * (done + limits.pace_behind_points) / 100
    told = {"done_percent": done, "even_percent": even, "is_overdue": False}
    return Cause(PACE, since, told)


def failing(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    quiz = facts.failing
    if quiz is None or quiz.attempts < limits.failing_attempts:
        return None
    return Cause(FAILING, quiz.at, {"quiz": quiz.title, "attempts": quiz.attempts})


def skipping(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    """Jumped over much of what was passed, or told to have played it faster than it can be."""
    least_ms = limits.skipping_least_seconds * 1000
    played_ms = facts.withheld_ms + facts.covered_ms
    told = {}
    if _is_much(facts.unseen_ms, facts.reached_ms, least_ms, limits.skipping_percent):
        told["unseen_seconds"] = facts.unseen_ms // 1000
        told["reached_seconds"] = facts.reached_ms // 1000
    if _is_much(facts.withheld_ms, played_ms, least_ms, limits.skipping_percent):
        told["withheld_seconds"] = facts.withheld_ms // 1000
    return Cause(SKIPPING, facts.last_seen or facts.enrolled_at, told) if told else None


def _is_much(part: int, whole: int, least: int, percent: int) -> bool:
    return part >= least and part * 100 >= whole * percent


def integrity(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    doubts = facts.doubts if facts.doubts >= limits.integrity_events else 0
    if not doubts and not facts.drifts:
        return None
    since = facts.last_seen or facts.enrolled_at
    return Cause(INTEGRITY, since, {"events": doubts, "drifts": facts.drifts})


def risk(facts: Facts, limits: Thresholds, now: datetime) -> Cause | None:
    """Begun, and unlikely to be done in time. Neither of who never began nor of what is late:
    that is no forecast, and has alerts of its own.
    """
    is_late = facts.due_at is not None and now >= facts.due_at
    if facts.risk is None or not facts.sessions or is_late:
        return None
    return Cause(RISK, facts.risk_as_of or now, {"score": facts.risk})


RULES: dict[str, Callable[[Facts, Thresholds, datetime], Cause | None]] = {
    NEVER_STARTED: never_started,
    INACTIVE: inactive,
    PACE: pace,
    FAILING: failing,
    SKIPPING: skipping,
    INTEGRITY: integrity,
    RISK: risk,
}
