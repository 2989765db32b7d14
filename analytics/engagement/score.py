"""The engagement score: how well a content keeps those who begin it, 0 to 100. Values only.

It is a weighted mean of the parts that are known, each 0 to 1:

    finish     of those who finished it or left it, the share who finished
    seen       the mean completion of all who began
    attention  1 without a distraction, falling linearly to 0 at twelve per hour of active time

Likes, clicks and time on a page don't count: none of them shows that someone learned. Replays don't
count either: a passage may be replayed because it is good, or because it is unclear.
"""

from dataclasses import dataclass

WEIGHTS = {"finish": 0.45, "seen": 0.35, "attention": 0.20}
MAX_DISTRACTIONS = 12  # per hour of active time; from here on attention is 0
MIN_ACTIVE_MS = 600_000  # ten minutes: less says nothing about attention
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class EngagementTotals:
    """Totals of one content or of several; a learner counts once for each content.

    `left` counts learners who haven't finished and have had no event for two weeks;
    `completion_bp` is a sum of basis points. `distractions` and `active_ms` cover all learners.
    """

    begun: int = 0
    complete: int = 0
    left: int = 0
    completion_bp: int = 0
    distractions: int = 0
    active_ms: int = 0

    def __add__(self, other: "EngagementTotals") -> "EngagementTotals":
        return EngagementTotals(
            self.begun + other.begun,
            self.complete + other.complete,
            self.left + other.left,
            self.completion_bp + other.completion_bp,
            self.distractions + other.distractions,
            self.active_ms + other.active_ms,
        )


def parts(totals: EngagementTotals) -> dict[str, float]:
    """Returns the parts that are known, by name, each 0 to 1."""
    values = {}
    if through := totals.complete + totals.left:
        values["finish"] = totals.complete / through
    if totals.begun:
        values["seen"] = min(totals.completion_bp / totals.begun / 10_000, 1)
    if (hourly := per_hour(totals)) is not None:
        values["attention"] = max(1 - hourly / MAX_DISTRACTIONS, 0)
    return values


def score(totals: EngagementTotals) -> int | None:
    """Returns 0 to 100, or None if no learner has begun."""
    values = parts(totals)
    if "seen" not in values:
        return None
    weight = sum(WEIGHTS[name] for name in values)
    return round(100 * sum(WEIGHTS[name] * value for name, value in values.items()) / weight)


def per_hour(totals: EngagementTotals) -> float | None:
    """Returns distractions per hour of active time, or None for less than ten minutes of it."""
    if totals.active_ms < MIN_ACTIVE_MS:
        return None
    return totals.distractions * HOUR_MS / totals.active_ms


def weakest(totals: EngagementTotals) -> str | None:
    """Returns the part that lowers the score most, or None if none does."""
    losses = {name: WEIGHTS[name] * (1 - value) for name, value in parts(totals).items()}
    name = max(losses, key=losses.__getitem__, default=None)
    return name if name and losses[name] > 0 else None
