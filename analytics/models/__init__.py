"""The tables of analytics, by subject. Rollups are written by `analytics.facts.rollups` only,
risk by `analytics.facts.risk`, forecasts by
`analytics.facts.forecast`, skills by `analytics.facts.mastery`, dismissals by
`analytics.recommending`, path choices and quiz records by `analytics.paths`, saved reports by
`analytics.reporting.saving`, alerts and their mail by `analytics.alerts`."""

from .alerts import Alert, AlertKind, AlertStep, AlertThresholds
from .compliance import Escalation, EscalationStep, Exemption, Requirement
from .forecast import CompletionForecast, ForecastRecord, ForecastValidation
from .mastery import LearnerSkill, MasteryModel, TracedContent, TraceDue
from .outreach import Digest, DigestChoice, Outreach, OutreachTemplate
from .paths import PathChoice, QuizRecord
from .recommending import Dismissal, PeerContent
from .risk import (
    RiskAdaptation,
    RiskByDepartment,
    RiskModel,
    RiskPrediction,
    RiskScore,
    RiskSource,
    RiskValidation,
)
from .roi import HourlyRate
from .rollups import (
    ContentCurve,
    ContentDay,
    ContentDropout,
    ContentEdition,
    ContentReach,
    CourseDay,
    FoldedCourse,
    FoldedEnrollment,
    LearnerContent,
    LearnerDay,
    LearnerHabit,
    LearnerQuiz,
    QuestionRollup,
    RollupSource,
)
from .saved import SavedReport

__all__ = [
    "Alert",
    "AlertKind",
    "AlertStep",
    "AlertThresholds",
    "CompletionForecast",
    "ContentCurve",
    "ContentDay",
    "ContentDropout",
    "ContentEdition",
    "ContentReach",
    "CourseDay",
    "Digest",
    "DigestChoice",
    "Dismissal",
    "Escalation",
    "EscalationStep",
    "Exemption",
    "FoldedCourse",
    "FoldedEnrollment",
    "ForecastRecord",
    "ForecastValidation",
    "HourlyRate",
    "LearnerContent",
    "LearnerDay",
    "LearnerHabit",
    "LearnerQuiz",
    "LearnerSkill",
    "MasteryModel",
    "Outreach",
    "OutreachTemplate",
    "PathChoice",
    "PeerContent",
    "QuestionRollup",
    "QuizRecord",
    "Requirement",
    "RiskAdaptation",
    "RiskByDepartment",
    "RiskModel",
    "RiskPrediction",
    "RiskScore",
    "RiskSource",
    "RiskValidation",
    "RollupSource",
    "SavedReport",
    "TraceDue",
    "TracedContent",
]
