"""The engagement score: how well a content holds those who begin it, 0 to 100. Values only.

It is a weighted mean of the parts that are known, each 0 to 1:

    finish     of those who are through with it, finished or left, the share that finished
    seen       the mean completion of all who began
    attention  1 without a distraction, falling evenly to 0 at twelve in an hour of active time

Likes, clicks and time on a page are not in it: none of them says that somebody learned. Replays
aren't either, since a passage is replayed for being good as well as for being unclear.
"""

from dataclasses import dataclass

WEIGHTS = {"finish": 0.45, "seen": 0.35, "attention": 0.20}
MOST_DISTRACTIONS = 12  # in an hour of active time
LEAST_ACTIVE_MS = 600_000  # ten minutes: less says nothing of attention
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a content, or of several together. Learners are counted once for each content.

    `left` are unfinished and haven't been at it for two weeks; `completion_bp` adds up basis
    points. Distractions and `active_ms` go together, and are over everybody.
    """

    begun: int = 0
    complete: int = 0
    left: int = 0
    completion_bp: int = 0
    distractions: int = 0
    active_ms: int = 0

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(
            self.begun + other.begun,
            self.complete + other.complete,
            self.left + other.left,
            self.completion_bp + other.completion_bp,
            self.distractions + other.distractions,
            self.active_ms + other.active_ms,
        )


def parts(facts: Facts) -> dict[str, float]:
    """The known parts, by name, 0 to 1."""
    told = {}
    if through := facts.complete + facts.left:
        told["finish"] = facts.complete / through
    if facts.begun:
        told["seen"] = min(facts.completion_bp / facts.begun / 10_000, 1)
    if (hourly := per_hour(facts)) is not None:
        told["attention"] = max(1 - hourly / MOST_DISTRACTIONS, 0)
    return told


def score(facts: Facts) -> int | None:
    """0 to 100; None before anybody began."""
    told = parts(facts)
    if "seen" not in told:
        return None
    weight = sum(WEIGHTS[name] for name in told)
    return round(100 * sum(WEIGHTS[name] * value for name, value in told.items()) / weight)


def per_hour(facts: Facts) -> float | None:
    """Distractions in an hour of active time; None with less than ten minutes of it."""
    if facts.active_ms < LEAST_ACTIVE_MS:
        return None
    return facts.distractions * HOUR_MS / facts.active_ms


def weakest(facts: Facts) -> str | None:
    """The part that takes most from the score; None when nothing takes anything."""
    losses = {name: WEIGHTS[name] * (1 - value) for name, value in parts(facts).items()}
    name = max(losses, key=losses.__getitem__, default=None)
    return name if name and losses[name] > 0 else None
