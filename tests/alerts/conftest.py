import pytest

from tests.factories import a_course_of
from tests.support.admin import VIDEO
from tests.support.learners import A_QUIZ


@pytest.fixture
def course(db):
    """A video of a minute and a quiz of one question."""
    return a_course_of(VIDEO, A_QUIZ, title="Fire safety")
