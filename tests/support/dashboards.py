"""The dashboards' URLs, their statements, and scores of risk."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import RiskModel, RiskScore
from progress.models import Enrollment
from tests.factories import content

MAX_QUERIES = 15


def of_course(course) -> str:
    return reverse("admin:insight-course", args=[course.pk])


def of_learner(course, person) -> str:
    return reverse("admin:insight-learner", args=[course.pk, person.pk])


def of_content(course, code) -> str:
    return reverse("admin:insight-content", args=[content(course, code).pk])


def queries(window, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert window.get(address).status_code == 200
    return [query["sql"] for query in captured]


def scored(enrollment: Enrollment, score: int) -> None:
    model, _ = RiskModel.objects.get_or_create(
        version="v", defaults={"document": {}, "trained_at": timezone.now()}
    )
    RiskScore.objects.create(
        enrollment=enrollment,
        user=enrollment.user,
        course=enrollment.course,
        as_of=timezone.now(),
        score=score,
        band="high",
        reasons=[{"reason": "silence", "share": 70, "raises": True, "facts": {"days": 9}}],
        model=model,
    )
