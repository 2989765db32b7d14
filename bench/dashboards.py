"""The addresses of every dashboard page and report on a large organisation."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from analytics.reporting import registry
from progress.models import Content, Course, CourseProgress, User

WEEKS = 12
PAGES_OF_A_PERIOD = {"overview", "engagement", "habits", "return"}
PAGES_OF_NOW = ("alerts", "compliance", "forecast", "risk", "reports")


def dashboards(reader: User) -> dict[str, str]:
    """Every page by name, with a busy course, its learners and one content of each type."""
    course = Course.objects.filter(code__startswith="org-").order_by("code").last()
    progress = CourseProgress.objects.filter(course=course).order_by("-total_sessions").first()
    since = (timezone.localdate() - timedelta(weeks=WEEKS)).isoformat()
    named = {
        "overview": reverse("admin:index"),
        "course": reverse("admin:insight-course", args=[course.pk]),
        "learner": reverse("admin:insight-learner", args=[course.pk, progress.user_id]),
    }
    contents = Content.objects.active().filter(module__course=course).order_by("position", "pk")
    for kind in contents.order_by().values_list("content_type", flat=True).distinct():
        content = contents.filter(content_type=kind).first()
        named[f"content ({kind})"] = reverse("admin:insight-content", args=[content.pk])
    for name in sorted({*PAGES_OF_A_PERIOD, *PAGES_OF_NOW} - {"overview"}):
        named[name] = reverse(f"admin:insight-{name}")
    of_a_period = {*PAGES_OF_A_PERIOD, *(name for name in named if name.startswith("content"))}
    for report in registry.open_to(reader):
        name = f"report {report.slug}"
        named[name] = reverse("admin:insight-report", args=[report.slug])
        if "since" in report.filters:
            of_a_period.add(name)
    query = f"?since={since}"
    return {name: address + query * (name in of_a_period) for name, address in named.items()}
