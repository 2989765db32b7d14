"""The learners, each with a rhythm of their own."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from .courses import DEPARTMENTS

USERNAME = "org-learner-{:05d}"
STEADY, EVENINGS, BINGE, LATE, DROPOUT, NEVER = (
    "steady",
    "evenings",
    "binge",
    "late",
    "dropout",
    "never",
)
_RHYTHMS = {STEADY: 30, EVENINGS: 20, BINGE: 15, LATE: 12, DROPOUT: 16, NEVER: 7}
_ZONES = {
    "Europe/Berlin": 40,
    "Europe/Lisbon": 15,
    "America/Chicago": 20,
    "Asia/Kolkata": 15,
    "Australia/Sydney": 10,
}
_FIRST = [
    "Aisha",
    "Anna",
    "Ben",
    "Carla",
    "Chen",
    "Dana",
    "Diego",
    "Elif",
    "Emma",
    "Farid",
    "Fatou",
    "Goran",
    "Hana",
    "Henrik",
    "Imani",
    "Ivan",
    "Jana",
    "Jonas",
    "Kavya",
    "Kemal",
    "Lara",
    "Leo",
    "Lucia",
    "Malik",
    "Marta",
    "Mei",
    "Mila",
    "Nadia",
    "Nils",
    "Noah",
    "Olga",
    "Omar",
    "Paula",
    "Priya",
    "Rafael",
    "Rosa",
    "Sami",
    "Sofia",
    "Tariq",
    "Tomas",
    "Uma",
    "Vera",
    "Wei",
    "Yara",
    "Yusuf",
    "Zoe",
]
_LAST = [
    "Abdi",
    "Almeida",
    "Andersen",
    "Bauer",
    "Becker",
    "Castro",
    "Costa",
    "Dimitrov",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Gupta",
    "Haddad",
    "Horvat",
    "Ito",
    "Jansen",
    "Kaya",
    "Khan",
    "Kowalski",
    "Kumar",
    "Larsen",
    "Lopez",
    "Marino",
    "Meyer",
    "Moreau",
    "Nagy",
    "Novak",
    "Okafor",
    "Petrov",
    "Popescu",
    "Rossi",
    "Santos",
    "Schmidt",
    "Silva",
    "Singh",
    "Smith",
    "Tanaka",
    "Vega",
    "Weber",
    "Yilmaz",
    "Zhang",
]
DUE_WEEKS = 6
COHORTS = 4


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner; `ability` is on the scale of the questions' difficulty, shares are from 0 to 1."""

    number: int
    full_name: str
    department: str
    time_zone: str
    rhythm: str
    ability: float
    rate_milli: int
    skips: float
    replays: float
    distracted: float

    @property
    def joins_in_week(self) -> int:
        """People come in cohorts, every other week."""
        return 2 * (self.number % COHORTS)

    @property
    def username(self) -> str:
        return USERNAME.format(self.number)


def simulated_learner(seed: int, number: int) -> Learner:
    dice = Random(f"{seed}:{number}:who")
    ability = dice.gauss(0.0, 1.0)
    return Learner(
        number=number,
        full_name=f"{dice.choice(_FIRST)} {dice.choice(_LAST)}",
        department=dice.choice(DEPARTMENTS),
        time_zone=_weighted(dice, _ZONES),
        rhythm=_weighted(dice, _RHYTHMS),
        ability=ability,
        rate_milli=dice.choice([1000, 1000, 1000, 1250, 1500]),
        skips=max(dice.gauss(0.02, 0.04), 0.0),
        # Learners who find it hard go back more often.
        replays=min(max(0.35 - 0.15 * ability, 0.05), 0.9),
        distracted=dice.betavariate(1, 6),
    )


def _weighted(dice: Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


@dataclass(frozen=True, slots=True)
class Sitting:
    """When a learner sits down to learn, and for how long, in ms (since the epoch)."""

    starts_ms: int
    lasts_ms: int


def sittings(learner: Learner, dice: Random, first: date, weeks: int) -> list[Sitting]:
    """A learner's sittings in the weeks from the Monday `first`, in order, one a day at most."""
    busy = set(dice.sample(range(weeks), k=min(weeks, 3))) if learner.rhythm == BINGE else set()
    found = []
    for week in range(weeks):
        for weekday in sorted(_weekdays(learner, dice, week, weeks, busy)):
            day = first + timedelta(days=7 * week + weekday)
            found.append(_sitting(learner, dice, day))
    return found


def _weekdays(learner: Learner, dice: Random, week: int, weeks: int, busy: set[int]) -> list[int]:
    """On which days of a week; Monday is 0."""
    own_week = week - learner.joins_in_week
    if learner.rhythm == STEADY:
        return [
            day for day in (learner.number % 5, (learner.number + 2) % 5) if dice.random() < 0.75
        ]
    if learner.rhythm == EVENINGS:
        return [day for day in (learner.number % 4, 5, 6) if dice.random() < 0.5]
    if learner.rhythm == BINGE:
        return dice.sample(range(6), k=4) if week in busy else []
    if learner.rhythm == LATE:
        # Near the due dates, or not at all.
        near = own_week % DUE_WEEKS == DUE_WEEKS - 1 or week == weeks - 1
        return dice.sample(range(5), k=4) if near else []
    if learner.rhythm == DROPOUT:
        return [day for day in (0, 2) if 0 <= own_week < 3 and dice.random() < 0.5]
    return []


def _sitting(learner: Learner, dice: Random, day: date) -> Sitting:
    if learner.rhythm == EVENINGS:
        hour, minutes = dice.randint(18, 21), dice.randint(20, 50)
    elif learner.rhythm == BINGE:
        hour, minutes = dice.randint(9, 19), dice.randint(40, 90)
    else:
        hour, minutes = dice.choice([7, 8, 9, 10, 11, 12, 13, 14, 15, 16]), dice.randint(12, 40)
    begins = datetime.combine(day, time(hour, dice.randrange(60)), ZoneInfo(learner.time_zone))
    starts = begins.astimezone(UTC).timestamp() * 1000 + dice.randrange(60_000)
    return Sitting(int(starts), minutes * 60_000)
