"""Django's admin: the catalogue and people edited, progress and its evidence read."""

from . import accommodations, catalogue, evidence, operation, outside, people, quizzes, tracking

__all__ = [
    "accommodations",
    "catalogue",
    "evidence",
    "operation",
    "outside",
    "people",
    "quizzes",
    "tracking",
]
