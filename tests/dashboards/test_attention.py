"""Who needs attention, and the text for it."""

from collections import Counter

import pytest
from django.http import QueryDict
from django.utils import timezone

from analytics.query import attention, people
from analytics.query.attention import Reason
from analytics.query.attention_summary import sentence, summary
from analytics.query.filters import Filters, filters_from
from progress.ingest import enrolling
from progress.models import Course, Enrollment
from tests.factories import a_course_of
from tests.support.admin import VIDEO
from tests.support.learners import A_QUIZ, DAY, complete, fail, learn, someone

pytestmark = pytest.mark.django_db


def filters(address: str = "") -> Filters:
    return filters_from(QueryDict(address), dict(Course.objects.values_list("pk", "title")))


def needs(address: str = "") -> list[attention.Need]:
    """One by one, as the report has them; the pages' summary agrees with them."""
    chosen, now = filters(address), timezone.now()
    rows = attention.rows(chosen, now).values_list(*attention.COLUMNS)
    found = attention.from_rows(chosen, rows, now)
    counted = summary(chosen, now, len(found))
    assert counted.first == found
    assert counted.needs == len(found)
    assert counted.learners == len({need.user_id for need in found})
    in_need = {course: own.in_need for course, own in counted.by_course.items() if own.in_need}
    assert in_need == Counter(need.course_id for need in found)
    return found


def reasons() -> dict[str, Reason]:
    """Of those who have one reason."""
    names = dict(Enrollment.objects.values_list("user_id", "user__full_name"))
    return {names[need.user_id]: reason for need in needs() for (reason,) in [need.reasons]}


def said(learners: int) -> str:
    return sentence(summary(filters(), timezone.now()), learners).text


def test_a_learner_who_never_started_needs_attention_after_a_week(course):
    someone(course, enrolled_ago=8 * DAY, full_name="Late")
    someone(course, enrolled_ago=6 * DAY, full_name="New")
    assert reasons() == {"Late": Reason.NEVER_STARTED}


def test_who_was_not_seen_for_two_weeks_has_stalled(course):
    learn(course, someone(course, full_name="Gone"), ago=15 * DAY)
    learn(course, someone(course, full_name="Here"), ago=13 * DAY)
    assert reasons() == {"Gone": Reason.STALLED}
    assert needs()[0].last_content.content_id == course.modules.get().contents.get(code="c1").pk


def test_where_a_learner_stalled_is_the_content_of_the_latest_event(course):
    first, last = someone(course, full_name="Quiz last"), someone(course, full_name="Film last")
    learn(course, first, ago=25 * DAY)
    fail(course, first, "c2", times=1, ago=20 * DAY)
    fail(course, last, "c2", times=1, ago=24 * DAY)
    learn(course, last, ago=19 * DAY)
    contents = dict(course.modules.get().contents.values_list("code", "pk"))
    found = {need.user_id: need.last_content.content_id for need in needs()}
    assert found == {first.pk: contents["c2"], last.pk: contents["c1"]}


def test_who_comes_back_needs_nobody_any_more(course):
    person = someone(course)
    learn(course, person, ago=20 * DAY)
    assert len(needs()) == 1
    learn(course, person, ago=DAY)
    assert needs() == []


def test_a_learner_who_fails_a_quiz_twice_needs_attention(course):
    fail(course, someone(course, full_name="Twice"), "c2", times=2, ago=DAY)
    fail(course, someone(course, full_name="Once"), "c2", times=1, ago=DAY)
    assert reasons() == {"Twice": Reason.FAILING}


def test_who_is_done_or_has_left_needs_nobody(course):
    done, left = someone(course), someone(course)
    complete(course, done, timezone.now() - DAY)
    enrolling.unenroll(Enrollment.objects.get(user=left), now=timezone.now())
    assert needs() == []


def test_the_next_due_date_comes_first(course):
    for name, due_in in (("none", None), ("later", 9), ("sooner", 2), ("overdue", -3)):
        person = someone(course, full_name=name)
        due_at = due_in and timezone.now() + due_in * DAY
        Enrollment.objects.filter(user=person).update(due_at=due_at)
    assert list(reasons()) == ["overdue", "sooner", "later", "none"]


def test_the_sentence_says_how_many_and_why(course):
    someone(course)
    for _ in range(2):
        learn(course, someone(course), ago=20 * DAY)
    fail(course, someone(course), "c2", times=2, ago=DAY)
    assert said(240) == (
        "4 of 240 learners need you: 1 never started, 2 stalled at ‘Fire doors’, "
        "1 keeps failing ‘What to do’."
    )


def test_a_learner_of_two_courses_is_one_and_stands_under_each_reason(course):
    other = a_course_of(VIDEO, A_QUIZ)
    person = someone(course)
    fail(other, enrolled_in(other, person), "c2", times=2, ago=DAY)
    assert len(needs()) == 2
    assert said(1) == (
        "1 of 1 learners needs you: 1 never started, 1 keeps failing ‘What to do’. "
        "A learner with several of these reasons is counted under each."
    )


def test_nobody_is_hidden_by_another_reason(course):
    """Whoever fails and then stays away has stalled, too."""
    for _ in range(3):
        fail(course, someone(course, full_name="Both"), "c2", times=2, ago=20 * DAY)
    fail(course, someone(course), "c2", times=2, ago=DAY)
    learn(course, someone(course), ago=20 * DAY)
    assert [need.reasons for need in needs()].count((Reason.FAILING, Reason.STALLED)) == 3
    shown = said(240)
    assert shown.startswith("5 of 240 learners need you: 4 stalled (3 at ‘What to do’), 4 keep")
    both = next(need for need in needs() if len(need.reasons) == 2)
    words = people.reason_text(both)
    assert words == "Keeps failing ‘What to do’ · Stalled at ‘What to do’"


def test_a_learner_who_stalled_in_two_courses_is_one(course):
    other = a_course_of(VIDEO, A_QUIZ)
    person = someone(course)
    enrolled_in(other, person)
    for each in (course, other):
        learn(each, person, ago=20 * DAY)
    assert said(7) == "1 of 7 learners needs you: 1 stalled at ‘Fire doors’."


def enrolled_in(course, person):
    enrolling.enroll(person.pk, course.pk, now=timezone.now() - 30 * DAY)
    return person


def test_the_sentence_without_anybody(course):
    assert said(0) == "No one is enrolled yet."
    learn(course, someone(course), ago=DAY)
    assert said(12) == "None of 12 learners needs you now."


def test_a_department_narrows_who_is_meant(course):
    for department in ("Care", "Care", "Care", "Care", "Care", "IT"):
        someone(course, department=department)
    assert len(needs("department=Care")) == 5
    assert len(needs()) == 6
