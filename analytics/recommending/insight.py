"""The recommendations of a learner in a course, for instructors."""

from django.urls import reverse

from progress.state.course_state import CourseState

from .payloads import recommendation_payload
from .queries import suggestions

SHOWN = 5


def of_learner(state: CourseState) -> list[dict]:
    """The most useful first, each with its reasons and the address of its page for instructors."""
    return [
        recommendation_payload(each)
        | {"insight_url": reverse("admin:insight-content", args=[each.facts.id])}
        for each in suggestions([state])[:SHOWN]
    ]
