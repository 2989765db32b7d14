"""The learner's skills with their texts, for the course's page."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.facts.mastery.levels import MIN_ANSWERS
from analytics.models import LearnerSkill
from progress.models import Content, Enrollment
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


def review_rows(user_id: int) -> list[dict]:
    """When each skill of the courses that the learner is enrolled in should be reviewed."""
    courses = Enrollment.objects.active().filter(user_id=user_id, course__retired_at=None)
    contents = Content.objects.active().filter(module__course__in=courses.values("course"))
    skills = {skill for skills in contents.values_list("skills", flat=True) for skill in skills}
    rows = LearnerSkill.objects.filter(user_id=user_id, skill__in=skills, answers__gte=MIN_ANSWERS)
    return list(rows.order_by("due_at", "pk").values("id", "skill", "due_at"))


def _state_text(skill: LearnersSkill) -> str:
    if skill.percent is None:
        return _("Too few answers so far.")
    return _("You know this.") if skill.is_mastered else _("Needs practice.")


def _review_text(skill: LearnersSkill) -> str:
    if skill.is_due:
        return _("Time to review it.")
    day = date_format(timezone.localtime(skill.due_at), "DATE_FORMAT")
    return _("Review by %(day)s.") % {"day": day}
