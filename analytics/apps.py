from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

# Where rows live once learners are distributed over machines (progress/operations/distribution.py).
DISTRIBUTED = [
    "Alert",
    "CompletionForecast",
    "FoldedEnrollment",
    "ForecastRecord",
    "LearnerContent",
    "LearnerDay",
    "LearnerHabit",
    "LearnerQuiz",
    "LearnerSkill",
    "RiskPrediction",
    "RiskScore",
]
REFERENCE = [
    "AlertStep",
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
    "ForecastValidation",
    "MasteryModel",
    "Outreach",
    "PathChoice",
    "PeerContent",
    "QuestionRollup",
    "QuizRecord",
    "Requirement",
    "RiskAdaptation",
    "RiskByDepartment",
    "RiskModel",
    "RiskValidation",
    "TraceDue",
    "TracedContent",
]
LOCAL = ["AlertThresholds", "HourlyRate", "OutreachTemplate", "RollupSource", "SavedReport"]


class AnalyticsConfig(AppConfig):
    """What is made of progress: dashboards, reports, alerts, risk, recommendations."""

    name = "analytics"

    def ready(self):
        from analytics import own_data  # noqa: F401
        from analytics.alerts import alert_mail
        from analytics.compliance import escalations
        from analytics.facts.rollups import retaining
        from analytics.forecast import payloads as forecast
        from analytics.mastery import payloads as mastery
        from analytics.paths import payloads as paths
        from analytics.recommending import payloads
        from analytics.reporting import registry, saving
        from analytics.site import reports
        from analytics.warehouse import making as warehouse
        from progress import slots
        from progress.mail import outgoing
        from progress.operations.distribution import Placement, place

        place("analytics", Placement.DISTRIBUTED, DISTRIBUTED)
        place("analytics", Placement.REFERENCE, REFERENCE)
        place("analytics", Placement.LOCAL, LOCAL)
        registry.register(reports.ALL)
        slots.unfolded_evidence.fill(retaining.needs)
        slots.recommendations.fill(payloads.page_rows)
        slots.expected_days.fill(forecast.expected_days)
        slots.path.fill(paths.page_payload)
        slots.skills.fill(mastery.page_rows)
        slots.reviews.fill(mastery.review_rows)
        pre_migrate.connect(warehouse.drop, sender=self)
        post_migrate.connect(warehouse.make, sender=self)
        for name, kind in alert_mail.KINDS.items():
            outgoing.register(name, kind)
        outgoing.register("escalation", outgoing.Kind(escalations.compose, escalations.note))
        outgoing.register("saved_report", outgoing.Kind(saving.compose, saving.note))
