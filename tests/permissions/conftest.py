"""Callers by role, and a course with a learner that some of them may see."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import (
    CompletionForecast,
    Escalation,
    EscalationStep,
    Exemption,
    HourlyRate,
    LearnerSkill,
    Outreach,
    OutreachTemplate,
    Requirement,
    RiskModel,
    RiskScore,
    SavedReport,
)
from progress.models import Course, Enrollment, User
from tests.factories import a_course_of, a_user, an_instructor, content
from tests.support.admin import VIDEO
from tests.support.alerts import an_alert
from tests.support.learners import A_QUIZ, DAY, learn, someone

NAME = "Lena Zweifel"  # must not be shown to the wrong roles
TITLE = "Working at height"


def every_look() -> list[Permission]:
    """All view permissions, limited to the courses that a person teaches."""
    return list(
        Permission.objects.filter(codename__startswith="view_").exclude(
            codename="view_all_progress"
        )
    )


@pytest.fixture
def course(db) -> Course:
    return the_course()


def the_course() -> Course:
    return a_course_of(VIDEO, A_QUIZ | {"skills": ["fire"]}, title=TITLE)


@pytest.fixture
def world(course) -> dict:
    return a_world(course)


def a_world(course: Course) -> dict:
    """The ids of the rows about the one learner."""
    alert = an_alert(course, full_name=NAME)
    learn(course, alert.user, ago=DAY)
    enrollment = Enrollment.objects.get(user=alert.user)
    model = RiskModel.objects.create(version="v", document={}, trained_at=timezone.now())
    RiskScore.objects.create(
        enrollment=enrollment,
        user=alert.user,
        course=course,
        as_of=timezone.now(),
        score=80,
        band="high",
        model=model,
    )
    CompletionForecast.objects.create(
        enrollment=enrollment,
        user=alert.user,
        course=course,
        as_of=timezone.now(),
        part=1,
        left_seconds=600,
        left_contents=1,
        insufficient="unvalidated",
    )
    skill = LearnerSkill.objects.create(
        user=alert.user,
        skill="fire",
        answers=5,
        right=4,
        mastery=0.8,
        stability_days=3,
        reviewed_at=timezone.now(),
        due_at=timezone.now() + DAY,
    )
    requirement = Requirement.objects.create(name="Required", course=course)
    step = EscalationStep.objects.create(requirement=requirement, days=1)
    escalation = Escalation.objects.create(
        step=step, user=alert.user, due_on=timezone.localdate(), planned_at=timezone.now()
    )
    exemption = Exemption.objects.create(requirement=requirement, user=alert.user, reason="Away")
    letter = Outreach.objects.create(
        alert=alert, subject="Hello", body="Come back", written_at=timezone.now()
    )
    stranger = a_user(is_staff=True, full_name="Someone else")
    saved = SavedReport.objects.create(owner=stranger, name="Theirs", slug="learners")
    return {
        "saved": saved.pk,
        "requirement": requirement.pk,
        "escalation": escalation.pk,
        "exemption": exemption.pk,
        "letter": letter.pk,
        "rate": HourlyRate.objects.create(department="Care", amount=40).pk,
        "template": OutreachTemplate.objects.create(name="T", subject="S", body="B").pk,
        "skill": skill.pk,
        "tomorrow": (timezone.now() + DAY).isoformat(),
        "course": course.pk,
        "learner": alert.user_id,
        "enrollment": enrollment.pk,
        "content": content(course, "c1").pk,
        "alert": alert.pk,
    }


@pytest.fixture
def people(course, world) -> dict[str, User]:
    return people_of(course, world)


def people_of(course: Course, world: dict) -> dict[str, User]:
    """People by role. The learner is another one in the course; the stranger teaches another.

    The one learner of `world` reports to the lead, who reports to the head; to the foreign lead
    reports the other learner of the course. None of these three is staff.
    """
    other = a_course_of(VIDEO, A_QUIZ, title="Not this one")
    found = {
        "learner": someone(course, full_name="Omar"),
        "clerk": a_user(is_staff=True, full_name="Clerk"),
        "stranger": an_instructor(other),
        "own": an_instructor(course),
        "manager": a_user(is_staff=True, full_name="Manager"),
    }
    for role in ("stranger", "own", "manager"):
        found[role].user_permissions.set(every_look())
    head = a_user(full_name="Head")
    lead = a_user(full_name="Lead", manager=head)
    User.objects.filter(pk=world["learner"]).update(manager=lead)
    foreign = a_user(full_name="Foreign lead")
    User.objects.filter(pk=found["learner"].pk).update(manager=foreign)
    found |= {"lead": lead, "head": head, "foreign lead": foreign}
    found["manager"].user_permissions.add(Permission.objects.get(codename="view_all_progress"))
    return found


@pytest.fixture
def asking(people) -> Callable[[str], APIClient]:
    def client(role: str) -> APIClient:
        window = APIClient()
        if role != "anybody":
            window.force_authenticate(people[role])
        return window

    return client
