"""Sessions started for the holder of an API key by one statement: which keys, and what is noted."""

from datetime import timedelta

import pytest
from knox.models import AuthToken

from progress import ingest
from progress.models import KeyDetails, LearningSession
from progress.security.keys import NOTED_EVERY, make_key
from tests.factories import NOON, a_course, a_learner, an_integrator

pytestmark = pytest.mark.django_db
SCOPE = "progress:report"
SECOND = timedelta(seconds=1)


@pytest.fixture
def wanted():
    course = a_course()
    return ingest.StartRequest(a_learner(course).pk, course.pk)


def a_key(*scopes: str) -> AuthToken:
    return make_key(an_integrator("add_learningsession"), scopes=scopes, lifetime=None)[0]


def start(token: AuthToken, wanted: ingest.StartRequest, now=NOON) -> ingest.Started:
    key = ingest.Key(token.digest, [SCOPE], NOTED_EVERY)
    caller, started = ingest.start_by_key(key, wanted, now=now)
    assert caller == token.user_id
    return started


def last_use(token: AuthToken):
    return KeyDetails.objects.get(token=token).last_used_at


@pytest.mark.parametrize("scopes", [(), (SCOPE,), ("people:read", SCOPE)])
def test_a_key_without_scopes_or_with_the_right_one_starts_a_session(wanted, scopes):
    started = start(a_key(*scopes), wanted)
    assert started.is_new
    assert LearningSession.objects.get().pk == started.session.pk


@pytest.mark.parametrize("scopes", [("progress:read",), ("people:manage", "courses:manage")])
def test_a_key_without_the_scope_starts_none(wanted, scopes):
    token = a_key(*scopes)
    with pytest.raises(ingest.NotAllowed):
        start(token, wanted)
    assert not LearningSession.objects.exists()
    assert last_use(token) is None


def test_a_key_that_needs_two_scopes_has_to_have_both(wanted):
    token = a_key(SCOPE)
    key = ingest.Key(token.digest, [SCOPE, "people:read"], NOTED_EVERY)
    with pytest.raises(ingest.NotAllowed):
        ingest.start_by_key(key, wanted, now=NOON)


def test_an_expired_key_starts_none(wanted):
    token = a_key()
    AuthToken.objects.filter(pk=token.pk).update(expiry=NOON)
    assert start(token, wanted, NOON).is_new
    with pytest.raises(ingest.NotAllowed):
        start(token, wanted, NOON + SECOND)


def test_a_key_without_details_is_left_to_the_view(wanted):
    token = AuthToken.objects.create(an_integrator("add_learningsession"))[0]
    with pytest.raises(ingest.NotAllowed):
        start(token, wanted)


def test_the_use_of_a_key_is_noted_once_a_minute(wanted):
    token = a_key()
    start(token, wanted, NOON)
    assert last_use(token) == NOON
    start(token, wanted, NOON + NOTED_EVERY - SECOND)
    assert last_use(token) == NOON
    start(token, wanted, NOON + NOTED_EVERY)
    assert last_use(token) == NOON + NOTED_EVERY


def test_a_refused_start_notes_nothing(wanted):
    token = a_key()
    with pytest.raises(ingest.UnknownItem):
        start(token, wanted._replace(content_id=10**12))
    assert last_use(token) is None
