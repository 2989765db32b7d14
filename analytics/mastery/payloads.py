"""What a learner knows, in words, for the course's page."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from progress.state.course_state import CourseReading

from .insight import LearnersSkill, of_learner


def on_page(reading: CourseReading) -> list[dict]:
    """The course's skills of which the learner has answered something, the weakest first."""
    return [
        {"skill": each.skill, "percent": each.percent, "text": f"{_state(each)} {_review(each)}"}
        for each in of_learner(reading)
    ]


def _state(skill: LearnersSkill) -> str:
    if skill.percent is None:
        return _("Too few answers to tell.")
    return _("You know this.") if skill.is_mastered else _("Needs practice.")


def _review(skill: LearnersSkill) -> str:
    if skill.is_due:
        return _("Time to review it.")
    day = date_format(timezone.localtime(skill.due_at), "DATE_FORMAT")
    return _("Review by %(day)s.") % {"day": day}
