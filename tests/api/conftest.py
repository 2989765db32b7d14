import pytest
import time_machine
from rest_framework.test import APIClient

from tests.factories import NOON, a_course_of, a_user, content
from tests.support.callers import api
from tests.support.employee_api import VIDEO, Learner


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def learner(clock):
    person = Learner(a_course_of(VIDEO))
    person.start()
    return person


@pytest.fixture
def video(learner):
    return content(learner.course, "c1")


@pytest.fixture
def boss() -> APIClient:
    return api(a_user(username="boss", is_staff=True, is_superuser=True))
