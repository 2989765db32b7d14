import pytest
from django.test import Client

from tests.factories import a_course_of, a_user
from tests.support.admin import VIDEO
from tests.support.learners import A_QUIZ


@pytest.fixture
def sign_in(db):
    def signed_in(person) -> Client:
        window = Client()
        window.force_login(person)
        return window

    return signed_in


@pytest.fixture
def administrator(db):
    return a_user(is_staff=True, is_superuser=True)


@pytest.fixture
def course(db):
    """A video of a minute and a quiz of one question."""
    return a_course_of(VIDEO, A_QUIZ, title="Fire safety")
