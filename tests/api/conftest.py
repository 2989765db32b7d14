import pytest
import time_machine
from rest_framework.test import APIClient

from tests.factories import NOON, a_course_of, a_user, content
from tests.support.employee_api import VIDEO, Learner
from tests.support.following import as_


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
    return as_(a_user(username="boss", is_staff=True, is_superuser=True))
