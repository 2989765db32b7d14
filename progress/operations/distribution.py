"""How the tables are distributed over machines once one isn't enough: by learner.

Everything that a heartbeat touches carries `user_id`, so that a learner's rows are on one machine
and a heartbeat needs no other. What all learners share is copied to every machine. The statements
are made from the database's own catalogue, by `distribution_plan`.
"""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models

KEY = "user_id"


class Placement(StrEnum):
    """Where the rows of a table live."""

    DISTRIBUTED = "by learner"  # all of a learner's on one machine
    REFERENCE = "on every machine"  # so that each can join with it
    LOCAL = "on the coordinator"  # few rows, which only jobs and the admin read


_places: dict[str, Placement] = {}


def place(app: str, place: Placement, names: Collection[str]) -> None:
    """Say where rows of an app's models live; a model of ours without a place fails a test."""
    _places.update({f"{app}.{name}": place for name in names})


place(
    "progress",
    Placement.DISTRIBUTED,
    [
        "Enrollment",
        "CourseProgress",
        "PastSpans",
        "LearningSession",
        "ContentProgress",
        "ContentInteraction",
        "QuizAttempt",
        "QuizAnswer",
        "Regrade",
        "Waiver",
        "OutsideCompletion",
    ],
)
place(
    "progress",
    Placement.REFERENCE,
    # The last is short, and asked for in the same statement as enrolments.
    ["User", "Course", "Module", "Content", "Question", "Choice", "Note", "Drift", "Accommodation"],
)
place(
    "progress",
    Placement.LOCAL,
    [
        "OutboxMessage",
        "OutgoingMail",
        "Job",
        "SetAside",
        "EvidenceExport",
        "RowChange",
        "KeptAnswer",
        "KeyDetails",
        "IndexedContent",
        "Passage",
        "SignIn",
        "StudyReminder",
        "Erasure",
        "OwnDataCopy",
    ],
)
# What Django keeps beside accounts, and reference tables point to.
for _app, _names in {"contenttypes": ["ContentType"], "auth": ["Permission", "Group"]}.items():
    place(_app, Placement.REFERENCE, _names)


def tables(wanted: Placement) -> list[str]:
    """The tables of a place, with those of their models' many-to-many fields."""
    found = []
    for label, its_place in _places.items():
        if its_place is wanted:
            model = apps.get_model(label)
            found.append(model._meta.db_table)
            found += [field.m2m_db_table() for field in model._meta.local_many_to_many]
    return found


def undecided_models() -> list[type[models.Model]]:
    """The models of our apps that have no place."""
    ours = [app for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    found = (model for app in ours for model in app.get_models())
    return [each for each in found if f"{each._meta.app_label}.{each.__name__}" not in _places]
