"""The pages and the API on engagement: for which readers, as text, at a bounded cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.facts.rollups import folding
from progress.jobs import Run
from tests.factories import a_course, a_course_of, content
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, fail, learn, someone
from tests.support.reports import in_api, rows_of

pytestmark = pytest.mark.django_db
ENGAGEMENT, HABITS = "/admin/insight/engagement/", "/admin/insight/habits/"
ANSWERS = ["/api/analytics/engagement/", "/api/analytics/heatmap/", "/api/analytics/patterns/"]


@pytest.fixture
def teacher(course):
    return an_instructor_of(course)


@pytest.fixture
def own(sign_in, teacher):
    return sign_in(teacher)


def learned(course, people: int, *, ago=DAY) -> None:
    for _ in range(people):
        learn(course, someone(course), ago=ago)
    folding.fold_new(Run("fold", timezone.now()))


def test_what_to_improve_first_is_said_with_its_reasons(own, course):
    learned(course, 6, ago=20 * DAY)
    shown = text_of(own.get(ENGAGEMENT))
    title = content(course, "c1").title
    assert f"Improve ‘{title}’ first: 6 learners left it unfinished, with 100 % of" in shown
    assert "Of those who finished or left it, 0 % finished." in shown


def test_fewer_than_five_have_no_score(own, teacher, course):
    learned(course, 4, ago=20 * DAY)
    assert "No content has been begun by five learners yet." in text_of(own.get(ENGAGEMENT))
    assert in_api(teacher).get(ANSWERS[0]).json()["results"] == []
    assert in_api(teacher).get(ANSWERS[1]).json() == {"learners": 4, "active_seconds": None}
    (video, _quiz) = rows_of(own.get("/admin/insight/reports/engagement-contents/csv/"))
    assert (video["begun"], video["score"], video["left"]) == ("4", "", "")
    assert "Shown once five learners have been active." in text_of(own.get(HABITS))


def test_the_page_the_file_and_the_api_show_the_same_score(own, teacher, course):
    learned(course, 5)
    (answer,) = in_api(teacher).get(ANSWERS[0]).json()["results"]
    (video, _quiz) = rows_of(own.get("/admin/insight/reports/engagement-contents/csv/"))
    assert str(answer["score"]) == video["score"]
    assert str(answer["finish_percent"] or "") == video["finish_percent"]


def test_each_module_is_shown_with_its_own_name_and_course(sign_in):
    names = ("Before a fire", "During a fire")
    modules = [
        {"code": f"m{number}", "title": name, "contents": [VIDEO | {"code": f"c{number}"}]}
        for number, name in enumerate(names)
    ]
    fire, first_aid = (
        a_course(title="Fire safety", modules=modules),
        a_course(title="First aid", modules=modules[1:]),
    )
    reader = a_staff_member("view_courseprogress", teaches=[fire, first_aid])
    shown = rows_of(sign_in(reader).get("/admin/insight/reports/engagement-modules/csv/"))
    assert [(row["course"], row["module"]) for row in shown] == [
        ("Fire safety", "Before a fire"),
        ("Fire safety", "During a fire"),
        ("First aid", "During a fire"),
    ]


def test_the_week_is_drawn_and_stands_in_a_table(own, teacher, course):
    learned(course, 5)
    page = own.get(HABITS).content.decode()
    assert page.count('<rect class="shade-') == 7 * 24
    assert "As a table" in page
    seconds = in_api(teacher).get(ANSWERS[1]).json()["active_seconds"]
    # Around the full hour two cells share them, each rounded down.
    assert sum(map(sum, seconds)) in {74, 75}


def test_questions_are_shown_by_those_who_answered(own, course):
    for _ in range(5):
        fail(course, someone(course), "c2", times=1, ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    (row,) = rows_of(own.get("/admin/insight/reports/questions/csv/"))
    assert (row["learners"], row["first_right_percent"], row["discrimination"]) == ("5", "0", "")
    attempts = rows_of(own.get("/admin/insight/reports/attempts/csv/"))
    assert len(attempts) == 5 and {each["passed"] for each in attempts} == {"False"}


def test_departments_of_fewer_than_five_show_nothing(own, course):
    for name, people in (("Care", 5), ("Law", 2), ("Sales", 3)):
        for _ in range(people):
            learn(course, someone(course, department=name), ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    care, law, _sales = rows_of(own.get("/admin/insight/reports/engagement-departments/csv/"))
    assert (care["department"], care["learners"], care["active_seconds"]) == ("Care", "5", "75")
    assert (law["department"], law["learners"], law["active_seconds"]) == ("Law", "2", "")


def test_others_courses_are_not_in_it(sign_in, course):
    other = a_course_of(VIDEO, A_QUIZ, title="Not yours")
    learned(other, 6, ago=20 * DAY)
    window = sign_in(an_instructor_of(course))
    for page in (ENGAGEMENT, HABITS):
        assert "Not yours" not in text_of(window.get(page))
    client = in_api(an_instructor_of(course))
    assert client.get(ANSWERS[0]).json()["results"] == []
    assert client.get(ANSWERS[1]).json()["learners"] == 0
    assert client.get(ANSWERS[2]).json()["enrollments"] == 0
    assert client.get(f"{ANSWERS[2]}?course={other.pk}").status_code == 400


def test_without_the_permission_there_is_nothing(sign_in, course):
    nobody = a_staff_member("view_course", teaches=[course])
    for page in (ENGAGEMENT, HABITS):
        assert sign_in(nobody).get(page).status_code == 403
    for address in ANSWERS:
        assert in_api(nobody).get(address).status_code == 403


def test_what_makes_no_sense_is_named(own, teacher):
    wrong = "?since=2026-05-02&until=2026-05-01"
    assert "It starts after it ends." in text_of(own.get(f"{ENGAGEMENT}{wrong}"))
    refused = in_api(teacher).get(f"{ANSWERS[1]}{wrong}")
    assert refused.status_code == 400 and refused.json()["errors"][0]["attr"].startswith("since")
    refused = in_api(teacher).get(f"{ANSWERS[2]}?outcome=luck")
    assert refused.status_code == 400 and refused.json()["errors"][0]["attr"] == "outcome"


def test_many_learners_cost_as_many_statements_as_few(own, course):
    def statements(page) -> int:
        with CaptureQueriesContext(connection) as seen:
            own.get(page)
        return len(seen)

    learned(course, 5, ago=20 * DAY)
    few = [statements(page) for page in (ENGAGEMENT, HABITS)]
    learned(course, 20, ago=20 * DAY)
    assert [statements(page) for page in (ENGAGEMENT, HABITS)] == few
    assert max(few) <= 15
