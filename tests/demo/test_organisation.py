"""The seeded organisation: the same for the same seed, never twice."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError
from django.db import transaction

from analytics.models import LearnerDay
from lms_progress.demo.organisation import build
from progress.models import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    LearningSession,
    QuizAttempt,
    User,
)

from .organisation import demo

pytestmark = pytest.mark.django_db


def rows() -> dict:
    """Everything that the seed names: all but passwords, and when the command ran."""
    return {
        model.__name__: [
            {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (CourseProgress, LearningSession, ContentProgress, QuizAttempt, LearnerDay)
    }


def summary_of(made: dict) -> str:
    """Without keys, which go on counting: who, when, how much."""
    return json.dumps(
        [
            sorted(
                str({k: v for k, v in row.items() if not k.endswith("id") and k not in _NAMES_KEYS})
                for row in found
            )
            for found in made.values()
        ]
    )


# What holds keys of contents or questions, or hashes of such.
_NAMES_KEYS = {
    "chain_hash",
    "module_progress",
    "opened",
    "played",
    "answered",
    "positions",
    "answers",
    "question_ms",
    "right_questions",
}


def test_the_same_seed_makes_the_same_rows():
    def made(seed: int) -> str:
        sid = transaction.savepoint()
        demo(5, seed=seed)
        summary = summary_of(rows())
        transaction.savepoint_rollback(sid)
        return summary

    first = made(7)
    assert made(7) == first
    assert made(8) != first


def test_a_second_run_adds_nothing():
    demo(3)
    before = rows()
    output = demo(3)
    assert "nothing was added" in output
    assert rows() == before


@pytest.mark.parametrize(
    ("named", "wrong"),
    [("learners", 0), ("weeks", 0), ("processes", 0), ("until", date(2999, 1, 1))],
)
def test_wrong_numbers_are_refused_by_name(named, wrong):
    with pytest.raises(CommandError, match=f"--{named}"):
        demo(**{named: wrong})
    assert not User.objects.filter(username=build.MANAGER).exists()


@pytest.mark.django_db(transaction=True)
def test_two_processes_write_what_one_writes():
    """Lately, so that the months' partitions are those that are there anyway."""
    named = {"weeks": 2, "until": datetime.now(UTC).date()}
    with transaction.atomic():
        demo(30, **named)
        alone = summary_of(rows())
        transaction.set_rollback(True)
    demo(30, **named, processes=2)
    assert summary_of(rows()) == alone
    assert ContentInteraction.objects.count() > 500
