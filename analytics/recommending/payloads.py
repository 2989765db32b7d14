"""Suggestions with their texts, as dicts for pages and the API."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypedDict

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress.state.course_state import CourseState

from .queries import suggestions
from .suggesting import PEERS, PREREQUISITE, REVIEW, Reason, Suggestion

MAX_FOR_INSTRUCTORS = 5


class RecommendationReasonPayload(TypedDict):
    code: Literal["review_due", "weak_skill", "prerequisite", "like_learners"]
    skill: str | None
    weight: Annotated[float, "From 0 to 1."]
    text: Annotated[str, "In the reader's language."]


class RecommendationPayload(TypedDict):
    enrollment_id: int
    course_id: int
    course_title: str
    content_id: int
    content_type: str
    title: str
    url: Annotated[str, "Address of the learner's page on this site."]
    weight: Annotated[float, "From 0 to 1; the list begins with the largest."]
    reasons: list[RecommendationReasonPayload]


def page_rows(states: Sequence[CourseState]) -> list[RecommendationPayload]:
    """What *My learning* chooses from."""
    return [recommendation_payload(each) for each in suggestions(states)]


def of_learner(state: CourseState) -> list[dict]:
    """For instructors: a learner's few in a course, with the addresses of their own pages."""
    return [
        recommendation_payload(each)
        | {"insight_url": reverse("admin:insight-content", args=[each.content.id])}
        for each in suggestions([state])[:MAX_FOR_INSTRUCTORS]
    ]


def recommendation_payload(suggestion: Suggestion) -> RecommendationPayload:
    enrollment, content = suggestion.state.enrollment, suggestion.content
    return {
        "enrollment_id": enrollment.pk,
        "course_id": enrollment.course_id,
        "course_title": enrollment.course.title,
        "content_id": content.id,
        "content_type": content.content_type,
        "title": content.title,
        "url": reverse("content", args=[enrollment.course_id, content.id]),
        "weight": round(suggestion.weight, 4),
        "reasons": [
            {
                "code": reason.code,
                "skill": reason.skill or None,
                "weight": round(reason.weight, 4),
                "text": reason_text(reason),
            }
            for reason in suggestion.reasons
        ],
    }


def reason_text(reason: Reason) -> str:
    if reason.code == REVIEW:
        return _("Time to review “%(skill)s”, before it fades.") % {"skill": reason.skill}
    if reason.code == PEERS:
        text = _("Of those who failed “%(quiz)s” and passed it later, %(percent)s %% came here.")
        return text % {"quiz": reason.quiz, "percent": int(100 * reason.weight)}
    if reason.code == PREREQUISITE and reason.opens_count == 1:
        return _("It unlocks “%(title)s”.") % {"title": reason.opens}
    if reason.code == PREREQUISITE:
        others = reason.opens_count - 1
        return ngettext(
            "It unlocks “%(title)s” and %(count)s more.",
            "It unlocks “%(title)s” and %(count)s more.",
            others,
        ) % {"title": reason.opens, "count": others}
    return _("Your answers suggest that “%(skill)s” needs more practice.") % {"skill": reason.skill}
