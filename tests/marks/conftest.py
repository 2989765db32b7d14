from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from progress.models import User
from progress.security.keys import make_key
from tests.factories import a_course, a_test_course, a_user

DAY = timedelta(days=1)


def with_key(owner: User, *scopes: str, is_test: bool) -> APIClient:
    client = APIClient()
    key = make_key(owner, scopes=scopes, lifetime=DAY, is_test=is_test)[1]
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


@pytest.fixture
def owner():
    return a_user(username="owner", is_staff=True, is_superuser=True)


@pytest.fixture
def live(owner):
    return with_key(owner, is_test=False)


@pytest.fixture
def test_key(owner):
    return with_key(owner, is_test=True)


@pytest.fixture
def real_course():
    return a_course(code="real")


@pytest.fixture
def test_course():
    return a_test_course(code="trial")


@pytest.fixture
def anna():
    return a_user(username="anna")


@pytest.fixture
def tess():
    return a_user(username="tess", is_test=True)
