"""When a skill is due for review: FSRS, by the library of its authors. Pure.

Each submitted attempt is one review of each of its skills. Intervals are whole days and not
randomised, so that the same attempts give the same dates.
"""

from datetime import datetime

from fsrs import Card, Rating, Scheduler, State

SCHEDULER = Scheduler(
    desired_retention=0.9, learning_steps=(), relearning_steps=(), enable_fuzzing=False
)
# Below these shares of right answers a review counts as forgotten or hard; above, as good.
FORGOTTEN, HARD = 0.6, 0.8


def rating(right: int, answers: int) -> Rating:
    """How well it was remembered, by the share of right answers. Never "easy": a few questions
    don't prove that, and it would postpone the next review for weeks."""
    share = right / answers
    if share < FORGOTTEN:
        return Rating.Again
    return Rating.Hard if share < HARD else Rating.Good


def new_card(at: datetime) -> Card:
    # The id isn't used here; without one the library waits for a millisecond to make one.
    return Card(card_id=0, due=at)


def reviewed(card: Card, right: int, answers: int, at: datetime) -> Card:
    """The card after a review. An attempt submitted out of order counts at the later moment."""
    at = max(at, card.last_review or at)
    return SCHEDULER.review_card(card, rating(right, answers), at)[0]


def remembered(stability_days: float, reviewed_at: datetime, now: datetime) -> float:
    """The share of the skill that is still remembered `now`."""
    card = Card(
        card_id=0,
        state=State.Review,
        stability=stability_days,
        due=reviewed_at,
        last_review=reviewed_at,
    )
    return SCHEDULER.get_card_retrievability(card, max(now, reviewed_at))
