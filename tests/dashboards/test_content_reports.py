"""Learners × contents, and how scores are distributed: reports for analysts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from progress.models import Waiver
from tests.factories import a_course_of, content
from tests.support.admin import QUIZ, VIDEO, text_of
from tests.support.learners import DAY, fail, learn, pass_quiz, someone
from tests.support.reports import API, PAGE, in_api, rows_of

pytestmark = pytest.mark.django_db


def api_rows(teacher, slug: str, **query) -> list[dict]:
    answer = in_api(teacher).get(f"{API}{slug}/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


# --- Learners and contents -----------------------------------------------------------------------
def test_each_learner_comes_with_each_content_of_their_course(course, teacher, sign_in):
    lena = someone(course, full_name="Lena", department="Care")
    omar = someone(course, full_name="Omar")
    learn(course, lena, ago=DAY)
    pass_quiz(course, omar, "c2", ago=DAY)
    rows = api_rows(teacher, "learner-contents")
    shown = [(r["learner"], r["content_id"], r["percent"], r["active_seconds"]) for r in rows]
    film, quiz = content(course, "c1").pk, content(course, "c2").pk
    assert [row[:2] for row in shown] == [
        ("Lena", film),
        ("Lena", quiz),
        ("Omar", film),
        ("Omar", quiz),
    ]
    assert shown[0][2:] == (50, 15) and shown[1][2:] == shown[2][2:] == (0, 0)
    assert (rows[3]["percent"], rows[3]["best_score_percent"]) == (100, 100.0)
    assert rows[3]["completed_at"] and not rows[0]["completed_at"]
    assert rows[1]["last_seen"] is None and rows[0]["last_seen"]
    window = sign_in(teacher)
    assert "4 rows. As of" in text_of(window.get(f"{PAGE}learner-contents/"))
    in_file = rows_of(window.get(f"{PAGE}learner-contents/csv/"))
    assert {(r["learner"], r["content_id"], r["percent"]) for r in in_file} == {
        (name, str(pk), str(percent)) for name, pk, percent, _ in shown
    }


def test_pages_of_it_join_to_the_whole(teacher, course):
    other = a_course_of(VIDEO, VIDEO, QUIZ, title="Alarm plan")
    teacher.courses_taught.add(other)
    for number in range(4):
        someone(course, full_name=f"Learner {number}")
    for number in range(3):
        someone(other, full_name=f"Learner {number}")
    whole = api_rows(teacher, "learner-contents", page_size=100)
    assert len(whole) == 4 * 2 + 3 * 3
    for size in (1, 2, 4, 5, 16):
        joined, page = [], 1
        while len(joined) < len(whole):
            joined += api_rows(teacher, "learner-contents", page_size=size, page=page)
            page += 1
        assert joined == whole


def test_nobody_else_is_in_it(course, teacher):
    someone(a_course_of(VIDEO, title="Foreign"), full_name="Hidden")
    gone = someone(course, full_name="Gone")
    gone.enrollments.update(unenrolled_at=timezone.now())
    lena = someone(course, full_name="Lena", department="Care")
    someone(course, full_name="Omar", department="Law")
    assert {row["learner"] for row in api_rows(teacher, "learner-contents")} == {"Lena", "Omar"}
    only = api_rows(teacher, "learner-contents", learner=lena.username)
    assert {row["learner"] for row in only} == {"Lena"}


def test_retired_contents_are_left_out_and_waived_ones_are_said(course, teacher):
    lena = someone(course)
    film, quiz = content(course, "c1"), content(course, "c2")
    Waiver.objects.create(
        user=lena,
        enrollment=lena.enrollments.get(),
        content=film,
        because=quiz,
        reason=Waiver.Reason.PRE_TEST,
        granted_at=timezone.now(),
    )
    rows = api_rows(teacher, "learner-contents")
    assert {row["content_id"]: row["waived"] for row in rows} == {film.pk: True, quiz.pk: False}
    quiz.retired_at = timezone.now()
    quiz.save()
    assert [row["content_id"] for row in api_rows(teacher, "learner-contents")] == [film.pk]


def test_its_statements_do_not_grow_with_the_learners(course, teacher):
    client = in_api(teacher)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{API}learner-contents/", {"page_size": 500})
        return len(captured)

    someone(course)
    statements()  # which also reads the reader's permissions
    few = statements()
    for _ in range(20):
        someone(course)
    assert statements() == few


# --- Scores --------------------------------------------------------------------------------------
def test_attempts_are_counted_by_tenths_of_the_score(course, teacher):
    for number in range(5):
        person = someone(course)
        if number < 2:
            fail(course, person, "c2", times=2, ago=2 * DAY)
        pass_quiz(course, person, "c2", ago=DAY)
    rows = api_rows(teacher, "scores")
    bands = [(r["from_percent"], r["to_percent"]) for r in rows]
    assert bands == [(n, n + 9) for n in range(0, 100, 10)] + [(100, 100)]
    counted = {r["from_percent"]: (r["attempts"], r["first_attempts"], r["learners"]) for r in rows}
    assert counted.pop(0) == (4, 2, 2)
    assert counted.pop(100) == (5, 3, 5)
    assert set(counted.values()) == {(0, 0, 0)}


def test_of_four_people_only_their_number_is_shown(course, teacher):
    for _ in range(4):
        pass_quiz(course, someone(course), "c2", ago=DAY)
    [row] = api_rows(teacher, "scores")
    assert (row["learners"], row["from_percent"], row["attempts"]) == (4, None, None)


def test_only_attempts_of_the_period_count(course, teacher):
    for number in range(6):
        pass_quiz(course, someone(course), "c2", ago=DAY * (2 if number else 20))
    since = (timezone.now() - timedelta(days=5)).date().isoformat()
    rows = api_rows(teacher, "scores", since=since)
    assert sum(row["attempts"] for row in rows) == 5
