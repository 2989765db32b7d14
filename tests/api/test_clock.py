"""If a server's clock is set back or forward, nobody has to wait longer."""

from datetime import timedelta

import pytest
from time_machine import travel

from tests.factories import NOON, a_course_of, a_user
from tests.support.employee_api import VIDEO, Learner

pytestmark = pytest.mark.django_db

CHANGES = [timedelta(**change) for change in ({"hours": -2}, {"seconds": -5}, {"hours": 3})]
VERIFY = "/api/certificates/verify/"


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_session_waits_no_longer_than_its_bucket_needs(change):
    with travel(NOON, tick=False):
        learner = Learner(a_course_of(VIDEO))
        learner.start()
        answers = [learner.update({"events": []}) for _ in range(121)]
        assert answers[-1].status_code == 429
    with travel(NOON + change, tick=False):
        answers = [learner.update({"events": []}) for _ in range(130)]
        assert answers[-1].status_code == 429  # the limit still applies
        waits = [int(each["Retry-After"]) for each in answers if each.status_code == 429]
        assert max(waits) <= 12
    with travel(NOON + change + timedelta(seconds=12), tick=False):
        assert learner.update({"events": []}).status_code != 429


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_throttled_verification_waits_a_minute_at_most(client, change):
    with travel(NOON, tick=False):
        answers = [client.get(VERIFY, {"q": "x"}) for _ in range(61)]
        assert answers[-1].status_code == 429
    with travel(NOON + change, tick=False):
        answers = [client.get(VERIFY, {"q": "x"}) for _ in range(61)]
        assert answers[-1].status_code == 429  # the limit still applies
        assert int(answers[-1]["Retry-After"]) <= 60
    with travel(NOON + change + timedelta(seconds=61), tick=False):
        assert client.get(VERIFY, {"q": "x"}).status_code == 200


def sign_in(client, password):
    body = {"username": "lena", "password": password}
    return client.post("/login/", body, HTTP_USER_AGENT="a browser").status_code


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_lockout_ends_after_its_quarter_of_an_hour(client, change):
    person = a_user(username="lena")
    person.set_password("correct horse battery")
    person.save()
    with travel(NOON, tick=False):
        for _ in range(10):
            sign_in(client, "wrong")
        assert sign_in(client, "correct horse battery") == 429
    with travel(NOON + change + timedelta(minutes=16), tick=False):
        assert sign_in(client, "correct horse battery") == 302
