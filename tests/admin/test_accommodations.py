"""Extra time for quizzes is set by staff, for learners that they see, and never for themselves."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from progress.models import Accommodation, Content, QuizAttempt
from tests.factories import a_course, a_learner, a_user, an_instructor, content, enrolled
from tests.support.callers import window

pytestmark = pytest.mark.django_db
LIST = "/admin/progress/accommodation/"


@pytest.fixture
def course(db):
    return a_course()


@pytest.fixture
def instructor(course):
    instructor = an_instructor(course)
    names = ["view_user", "view_accommodation", "add_accommodation", "change_accommodation"]
    instructor.user_permissions.set(
        Permission.objects.filter(content_type__app_label="progress", codename__in=names)
    )
    return instructor


def add(actor, learner, percent=150):
    values = {"user": learner.pk, "quiz_time_percent": percent}
    return window(actor).post(f"{LIST}add/", values)


def test_an_instructor_gives_an_own_learner_more_time(course, instructor):
    learner = a_learner(course)
    assert add(instructor, learner).status_code == 302
    stored = Accommodation.objects.get()
    assert (stored.user, stored.quiz_time_percent) == (learner, 150)
    answer = window(instructor).post(f"{LIST}{stored.pk}/change/", {"quiz_time_percent": 200})
    assert answer.status_code == 302
    stored.refresh_from_db()
    assert stored.quiz_time_percent == 200


def test_nobody_else_s_learners_and_not_oneself(course, instructor):
    stranger = a_learner(a_course())
    enrolled(instructor, course)
    for person in (stranger, instructor):
        assert add(instructor, person).status_code == 200
    assert not Accommodation.objects.exists()


def test_other_learners_are_not_listed(instructor):
    stranger = a_learner(a_course(), full_name="Nora Other")
    Accommodation.objects.create(user=stranger, quiz_time_percent=150)
    page = window(instructor).get(LIST)
    assert page.status_code == 200
    assert "Nora Other" not in page.content.decode()


def test_a_factor_that_is_not_offered_is_refused(course, instructor):
    assert add(instructor, a_learner(course), percent=300).status_code == 200
    assert not Accommodation.objects.exists()


def test_without_the_permission_there_is_no_such_page(course):
    assert window(an_instructor(course)).get(f"{LIST}add/").status_code == 403
    assert window(a_user()).get(LIST).status_code == 302


def test_it_counts_for_an_attempt_that_is_open(course, instructor):
    learner = a_learner(course)
    ends = timezone.now().replace(microsecond=0) + timedelta(minutes=10)
    quiz = content(course, "quiz")
    Content.objects.filter(pk=quiz.pk).update(time_limit_seconds=1200)
    attempt = QuizAttempt.objects.create(
        enrollment=learner.enrollments.get(),
        user=learner,
        content=quiz,
        number=1,
        started_at=ends - timedelta(minutes=20),
        ends_at=ends,
        closes_at=ends + timedelta(minutes=10),
    )
    add(instructor, learner, 200)
    attempt.refresh_from_db()
    assert attempt.ends_at == ends + timedelta(minutes=20)
