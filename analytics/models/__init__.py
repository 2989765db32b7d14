"""The wing's tables, by subject. Rollups are written by `analytics.rollups` only, risk by
`analytics.foresight`, skills by `analytics.mastery`, dismissals by `analytics.recommending`,
saved reports by `analytics.reports.saving`."""

from .mastery import LearnerSkill, TracedContent, TraceDue
from .recommending import Dismissal
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
from .saved import SavedReport

__all__ = [
    "ContentCurve",
    "ContentDay",
    "ContentEdition",
    "ContentReach",
    "Dismissal",
    "FoldedCourse",
    "FoldedEnrollment",
    "LearnerContent",
    "LearnerDay",
    "LearnerQuiz",
    "LearnerSkill",
    "QuestionRollup",
    "RiskModel",
    "RiskScore",
    "RollupSource",
    "SavedReport",
    "TraceDue",
    "TracedContent",
]
