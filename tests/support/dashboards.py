"""The dashboards' URLs, their statements, and scores of risk."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import RiskModel, RiskScore
from analytics.site.course_enrollments import BANDS, EnrollmentGroup
from progress.models import Enrollment
from tests.factories import NOON, content

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


def a_group(**given) -> EnrollmentGroup:
    """Enrolments of a course, as many as took some time to complete it unless `learners` says."""
    counts = dict.fromkeys(("overdue", "bp_sum", "ripe", "soon"), 0)
    usual = counts | {
        "department": "",
        "cohort": NOON.date().replace(day=1),
        "learners": len(given.get("took", ())),
        "latest_enrolled_at": NOON,
        "bands": [0] * len(BANDS),
        **{name: [] for name in ("took", "times_ms", "done_times_ms", "modules")},
    }
    return EnrollmentGroup(**usual | given)


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
