"""Decides when an enrolment raises an alert: evidence and thresholds in, causes out. Pure."""

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

MIN_GAPS = 4


class Thresholds(Protocol):
    """The fields of `AlertThresholds`, which explains each."""

    switched_off: list[str]
    never_started_days: int
    inactive_times_usual: int
    inactive_min_days: int
    inactive_max_days: int
    inactive_unknown_days: int
    pace_after_percent: int
    pace_behind_points: int
    failing_attempts: int
    skipping_min_seconds: int
    skipping_percent: int
    integrity_events: int


@dataclass(frozen=True, slots=True)
class FailedQuiz:
    """The quiz with most submitted attempts of which none passed, and the time of the last."""

    title: str
    attempts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertEvidence:
    """The evidence about an open enrolment.

    `days` are the days with learning, in order. `withheld_ms` and `covered_ms` are recent media
    time, `reached_ms` is the time up to the furthest position in each incomplete content, and
    `unseen_ms` the part of that which wasn't seen. `doubts` are recent events that contradict the
    clock or each other; `drifts` are open alarms about stored values.
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
    failed_quiz: FailedQuiz | None = None
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
    """Why an alert is raised, since when, and the numbers for its text (as JSON)."""

    kind: str
    since: datetime
    facts: dict = field(default_factory=dict)


def causes(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Iterator[Cause]:
    """Yields the causes that apply at `now`, of the kinds that aren't switched off."""
    for kind, rule in RULES.items():
        if kind not in limits.switched_off:
            cause = rule(evidence, limits, now)
            if cause is not None:
                yield cause


def never_started(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    if evidence.sessions or now - evidence.enrolled_at < timedelta(days=limits.never_started_days):
        return None
    return Cause(NEVER_STARTED, evidence.enrolled_at)


def inactive(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    """Without activity for longer than is usual for this learner."""
    if evidence.last_seen is None:
        return None
    usual = usual_gap(evidence.days)
    allowed = allowed_days(usual, limits)
    if now - evidence.last_seen < timedelta(days=allowed):
        return None
    return Cause(INACTIVE, evidence.last_seen, {"usual_days": usual, "allowed_days": allowed})


def usual_gap(days: Sequence[date]) -> int | None:
    """Returns the 80th percentile of the gaps in days; None for too few gaps."""
    gaps = sorted((later - day).days for day, later in pairwise(days))
    if len(gaps) < MIN_GAPS:
        return None
    return gaps[-(-len(gaps) * 4 // 5) - 1]


def allowed_days(usual: int | None, limits: Thresholds) -> int:
    """Returns how many days without activity are allowed for a usual gap."""
    if usual is None:
        return limits.inactive_unknown_days
    allowed = usual * limits.inactive_times_usual
    return min(max(allowed, limits.inactive_min_days), limits.inactive_max_days)


def pace(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    """Overdue; or started, and too far behind an even pace towards the due date."""
    if evidence.due_at is None:
        return None
    done = evidence.completion_bp // 100
    if now >= evidence.due_at:
        return Cause(PACE, evidence.due_at, {"done_percent": done, "is_overdue": True})
    span = evidence.due_at - evidence.enrolled_at
    even = int((now - evidence.enrolled_at) * 100 / span) if span > timedelta() else 0
    if not evidence.sessions or even < limits.pace_after_percent:
        return None
    if even - done < limits.pace_behind_points:
        return None
    since = evidence.enrolled_at + span * (done + limits.pace_behind_points) / 100
    numbers = {"done_percent": done, "even_percent": even, "is_overdue": False}
    return Cause(PACE, since, numbers)


def failing(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    quiz = evidence.failed_quiz
    if quiz is None or quiz.attempts < limits.failing_attempts:
        return None
    return Cause(FAILING, quiz.at, {"quiz": quiz.title, "attempts": quiz.attempts})


def skipping(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    """Skipped much of the media, or reported playing it faster than is possible."""
    min_ms = limits.skipping_min_seconds * 1000
    played_ms = evidence.withheld_ms + evidence.covered_ms
    numbers = {}
    if _is_much(evidence.unseen_ms, evidence.reached_ms, min_ms, limits.skipping_percent):
        numbers["unseen_seconds"] = evidence.unseen_ms // 1000
        numbers["reached_seconds"] = evidence.reached_ms // 1000
    if _is_much(evidence.withheld_ms, played_ms, min_ms, limits.skipping_percent):
        numbers["withheld_seconds"] = evidence.withheld_ms // 1000
    return Cause(SKIPPING, evidence.last_seen or evidence.enrolled_at, numbers) if numbers else None


def _is_much(part: int, whole: int, least: int, percent: int) -> bool:
    return part >= least and part * 100 >= whole * percent


def integrity(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    doubts = evidence.doubts if evidence.doubts >= limits.integrity_events else 0
    if not doubts and not evidence.drifts:
        return None
    since = evidence.last_seen or evidence.enrolled_at
    return Cause(INTEGRITY, since, {"events": doubts, "drifts": evidence.drifts})


def risk(evidence: AlertEvidence, limits: Thresholds, now: datetime) -> Cause | None:
    """Started, and unlikely to be completed in time.

    Enrolments that never started or are overdue have alerts of their own.
    """
    is_late = evidence.due_at is not None and now >= evidence.due_at
    if evidence.risk is None or not evidence.sessions or is_late:
        return None
    return Cause(RISK, evidence.risk_as_of or now, {"score": evidence.risk})


RULES: dict[str, Callable[[AlertEvidence, Thresholds, datetime], Cause | None]] = {
    NEVER_STARTED: never_started,
    INACTIVE: inactive,
    PACE: pace,
    FAILING: failing,
    SKIPPING: skipping,
    INTEGRITY: integrity,
    RISK: risk,
}
