"""Texts to recommend, and what is recommended."""

from datetime import UTC, datetime

from analytics.recommending.queries import suggestions
from progress.models import Enrollment
from progress.state.course_state import course_states

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def a_text(title, *skills, **changes):
    document = {"content_type": "text", "reading_seconds": 80, "title": title}
    return document | {"skills": list(skills)} | changes


def suggested(learner):
    """The suggestions in their order, as `[(title, [(code, skill or title)])]`."""
    rows = Enrollment.objects.active().filter(user=learner, course__retired_at=None)
    rows = rows.select_related("course", "course_progress").order_by("pk")
    return [
        (
            each.content.title,
            [(why.code, why.skill or why.opens or why.quiz) for why in each.reasons],
        )
        for each in suggestions(course_states(list(rows), NOW))
    ]
