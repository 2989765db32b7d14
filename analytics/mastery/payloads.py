"""The learner's skills with their texts, for the course's page."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from progress.state.course_state import CourseState

from .insight import LearnersSkill, of_learner


def page_rows(state: CourseState) -> list[dict]:
    """The course's skills that the learner has answered questions on, the weakest first."""
    return [
        {
            "skill": each.skill,
            "percent": each.percent,
            "text": f"{_state_text(each)} {_review_text(each)}",
        }
        for each in of_learner(state)
    ]


def _state_text(skill: LearnersSkill) -> str:
    if skill.percent is None:
        return _("Too few answers so far.")
    return _("You know this.") if skill.is_mastered else _("Needs practice.")


def _review_text(skill: LearnersSkill) -> str:
    if skill.is_due:
        return _("Time to review it.")
    day = date_format(timezone.localtime(skill.due_at), "DATE_FORMAT")
    return _("Review by %(day)s.") % {"day": day}
