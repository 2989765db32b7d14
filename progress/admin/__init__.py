"""Django's admin: the catalogue and people edited, progress and its evidence read."""

from . import (
    accommodations,
    catalogue,
    erasing,
    evidence,
    operation,
    outside,
    people,
    questions,
    quizzes,
    tracking,
)

__all__ = [
    "accommodations",
    "catalogue",
    "erasing",
    "evidence",
    "operation",
    "outside",
    "people",
    "questions",
    "quizzes",
    "tracking",
]
