"""Lists and progress don't load the columns that grow with a learner's history."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from progress.models import CourseProgress, Enrollment, LearningSession
from tests.factories import a_course, a_learner, a_session, a_user
from tests.support.admin import page

pytestmark = pytest.mark.django_db

WIDE = re.compile(r'"progress_courseprogress"\."(active_spans|elapsed_spans)"|"positions"')


@pytest.mark.parametrize(
    "address",
    [
        "/api/enrollments/",
        "/api/employee/realtime_progress/{user}/{course}",
        "/api/employee/content_progress/{user}/{content}",
        page(Enrollment),
        page(CourseProgress),
        page(LearningSession),
        "/admin/insight/courses/{course}/learners/{user}/",
    ],
)
def test_spans_are_not_loaded_where_they_are_not_needed(address):
    course = a_course()
    learner = a_learner(course)
    a_session(course, learner)
    client = Client()
    client.force_login(a_user(is_staff=True, is_superuser=True))
    content = course.modules.first().contents.first()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(
            address.format(user=learner.pk, course=course.pk, content=content.pk), follow=True
        )
    assert answer.status_code == 200
    asked = [query["sql"] for query in queries if WIDE.search(query["sql"])]
    assert asked == []


def test_a_learners_own_pages_load_no_spans():
    course = a_course()
    learner = a_learner(course)
    a_session(course, learner)
    client = Client()
    client.force_login(learner)
    content = course.modules.first().contents.first()
    for address in (f"/courses/{course.pk}/", f"/courses/{course.pk}/contents/{content.pk}/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert [query["sql"] for query in queries if WIDE.search(query["sql"])] == []
