"""Django's admin: the catalogue and people edited, progress and its evidence read."""

from . import catalogue, evidence, operation, outside, people, quizzes, tracking

__all__ = ["catalogue", "evidence", "operation", "outside", "people", "quizzes", "tracking"]
