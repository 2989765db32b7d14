"""The wing's tables, by subject. Rollups are written by `analytics.rollups` only,
risk by `analytics.foresight`."""

from .risk import RiskModel, RiskScore
from .rollups import (
    ContentCurve,
    ContentDay,
    ContentEdition,
    ContentReach,
    FoldedCourse,
    FoldedEnrollment,
    LearnerContent,
    LearnerDay,
    LearnerQuiz,
    QuestionRollup,
    RollupSource,
)

__all__ = [
    "ContentCurve",
    "ContentDay",
    "ContentEdition",
    "ContentReach",
    "FoldedCourse",
    "FoldedEnrollment",
    "LearnerContent",
    "LearnerDay",
    "LearnerQuiz",
    "QuestionRollup",
    "RiskModel",
    "RiskScore",
    "RollupSource",
]
