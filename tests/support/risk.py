"""Measurements of a risk model, and courses in which its scores are shown."""

from django.utils import timezone

from analytics.facts.risk import active_model
from analytics.models import RiskSource, RiskValidation
from progress.models import Course


def show_scores(*, weeks=range(1, 60), source=RiskSource.BASE, now=None) -> None:
    """Every course counts as validated in these weeks, for the model in use."""
    at = now or timezone.now()
    base_id = active_model.active(at).pk
    RiskValidation.objects.all().delete()
    RiskValidation.objects.bulk_create(
        RiskValidation(
            course_id=course_id,
            week=week,
            source=source,
            verdict=RiskValidation.Verdict.VALID,
            is_chosen=True,
            outcomes=120,
            failed=60,
            auc=0.8,
            auc_low=0.7,
            calibration_error=0.05,
            base_id=base_id,
            measured_at=at,
        )
        for course_id in Course.objects.values_list("pk", flat=True)
        for week in weeks
    )


def a_week(number):
    called = [90, 70, 50, 40, 30, 20, 10, 5, 0]
    return {
        "week": number,
        "learners": 100,
        "failed": 0.4,
        "auc": 0.8 if number > 1 else None,
        "calibration_error": 0.02,
        "reliability": [{"learners": 100, "predicted": 0.31, "seen": 0.29}],
        "thresholds": [
            {
                "from": 10 * (index + 1),
                "called": count,
                "precision": 0.5 if count else None,
                "recall": count / 100,
            }
            for index, count in enumerate(called)
        ],
        "ranks": [
            {"first": count, "called": count, "precision": 0.6, "recall": count / 100}
            for count in (2, 5, 10, 20, 50, 100)
        ],
    }
