import pytest
from django.test import Client

from tests.factories import a_user


@pytest.fixture
def sign_in(db):
    """A test client that is signed in as this person."""

    def signed_in(person) -> Client:
        window = Client()
        window.force_login(person)
        return window

    return signed_in


@pytest.fixture
def administrator(db):
    return a_user(is_staff=True, is_superuser=True)


@pytest.fixture
def window(sign_in, administrator):
    """A test client that is signed in as an administrator."""
    return sign_in(administrator)
