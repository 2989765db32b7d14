"""A page of a content costs as many statements in a large course as in a small one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import a_course, a_learner, content, enrolled

pytestmark = pytest.mark.django_db
MAX_STATEMENTS = 15


@pytest.mark.parametrize("code", ["video", "audio", "pages", "text", "quiz"])
def test_a_content_of_each_type_takes_fifteen_statements_at_most(client, code):
    learner = a_learner()
    client.force_login(learner)
    small, large = a_course(), a_course()
    quiz = content(large, "quiz")
    for number in range(30):
        question = quiz.questions.create(code=f"more{number}", text="?")
        question.choices.create(text="right", is_correct=True)

    def statements(course) -> int:
        enrolled(learner, course)
        path = f"/courses/{course.pk}/contents/{content(course, code).pk}/"
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    assert statements(small) == statements(large) <= MAX_STATEMENTS
