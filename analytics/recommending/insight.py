"""What an instructor sees of what is recommended to a learner, within the course."""

from django.urls import reverse

from progress.state.course_state import CourseReading

from .payloads import told
from .queries import suggestions

SHOWN = 5


def of_learner(reading: CourseReading) -> list[dict]:
    """The most useful first, each with its reasons and the address of its page for instructors."""
    return [
        told(each) | {"insight_url": reverse("admin:insight-content", args=[each.facts.id])}
        for each in suggestions([reading])[:SHOWN]
    ]
