"""The raw forms of quizzes show what only the course editor changes, and lead there."""

import pytest

from progress.catalogue import course_document, replace_course
from progress.models import Choice, Question
from tests.factories import a_course, a_user, content
from tests.support.callers import window

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db):
    course = a_course()
    document = course_document(course, is_author=True)
    for module in document["modules"]:
        for item in module["contents"]:
            if item["code"] == "quiz":
                item |= {"time_limit_minutes": 7, "shuffle_questions": True}
                item["questions"][0] |= {
                    "explanation": "Oil floats on water.",
                    "pool": "",
                }
                item["questions"][0]["choices"][0] |= {"explanation": "It spreads the oil."}
    replace_course(document)
    return course


@pytest.fixture
def opened(course):
    boss = window(a_user(is_staff=True, is_superuser=True))
    return lambda path: boss.get(f"/admin/progress/{path}/change/").content.decode()


def test_a_question_shows_its_explanation_and_leads_to_the_editor(opened, course):
    question = Question.objects.filter(explanation="Oil floats on water.").get()
    page = opened(f"question/{question.pk}")
    assert "Oil floats on water." in page
    assert f"/authoring/courses/{course.pk}/content/?" in page
    assert "content=quiz" in page
    assert 'name="explanation"' not in page


def test_a_choice_and_the_quiz_do_so_too(opened, course):
    choice = Choice.objects.filter(explanation="It spreads the oil.").get()
    page = opened(f"choice/{choice.pk}")
    assert "It spreads the oil." in page and "content=quiz" in page
    page = opened(f"content/{content(course, 'quiz').pk}")
    assert "420" in page and "content=quiz" in page
    assert 'name="time_limit_seconds"' not in page


def test_other_contents_have_nothing_of_it(opened, course):
    others = [each for each in _contents(course) if each.content_type != "quiz"]
    page = opened(f"content/{others[0].pk}")
    assert "course editor" not in page


def _contents(course):
    for module in course.modules.all():
        yield from module.contents.all()
