"""A learner who passes a pre-test or completes an alternative need not do the rest; on record."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from progress.catalogue import course_document, replace_course
from progress.ingest.checking import check
from progress.ingest.enrolling import begin_new_cycle
from progress.ingest.refold import refold_course
from progress.models import CourseProgress, OutboxMessage, Waiver
from progress.state.payloads import course_payload
from tests.factories import a_course_of, content, report
from tests.support.waivers import (
    LATER,
    a_chosen_course,
    a_tested_course,
    begun,
    fresh,
    take,
    tested,
    walk,
    watch,
)

pytestmark = pytest.mark.django_db


def payload_of(session):
    return course_payload(fresh(session), LATER)


def waived(session) -> set[str]:
    rows = Waiver.objects.in_force().filter(enrollment=session.enrollment_id)
    return set(rows.values_list("content__code", flat=True))


# --- Pre-tests -----------------------------------------------------------------------------------
def test_passing_the_pre_test_waives_its_contents():
    session = begun(a_tested_course())
    receipt = take(session, "test", right=3)
    assert waived(session) == {"film", "book"}
    answered = {each["content_id"]: each for each in receipt.payload["contents"]}
    film = content(session.course, "film").pk
    assert answered[film] | {"is_waived": True, "is_complete": False} == answered[film]
    assert receipt.payload["course"]["completion_percentage"] == 66.66
    answer = payload_of(session)
    assert answer["completion_percentage"] == 66.66
    assert [each["title"] for each in answer["remaining"]] == ["A walk"]
    assert [(each["title"], each["reason"], each["score"]) for each in answer["waivers"]] == [
        ("The film", "pre_test", 75),
        ("The book", "pre_test", 75),
    ]


def test_failing_the_pre_test_waives_nothing():
    session = begun(a_tested_course())
    take(session, "test", right=2)
    assert waived(session) == set()
    assert payload_of(session)["completion_percentage"] == 0
    assert len(payload_of(session)["remaining"]) == 3


def test_what_was_begun_before_stays_and_what_was_complete_isnt_waived():
    session = begun(a_tested_course())
    watch(session, 10)
    take(session, "test", right=4)
    assert waived(session) == {"book"}
    assert payload_of(session)["completion_percentage"] == 66.66


def test_the_rest_completes_the_course_once():
    session = tested()
    walk(session)
    walk(session)
    progress = CourseProgress.objects.get(pk=session.enrollment_id)
    assert (progress.completion_bp, progress.completed_at) == (10_000, LATER)
    assert OutboxMessage.objects.filter(kind="course_completed").count() == 1


def test_a_waived_prerequisite_locks_nothing():
    course = a_course_of(
        {
            "code": "test",
            "content_type": "quiz",
            "required": False,
            "pass_percentage": 50,
            "max_attempts": 1,
            "waives": ["film"],
            "questions": [
                {
                    "code": "q",
                    "text": "?",
                    "choices": [{"text": "right", "correct": True}, {"text": "wrong"}],
                }
            ],
        },
        {"code": "film", "content_type": "video", "duration_seconds": 10},
        {
            "code": "walk",
            "content_type": "embed",
            "completion_source": "reported",
            "prerequisites": ["film"],
        },
    )
    session = begun(course)
    assert payload_of(session)["remaining"][1]["reason"] == "locked"
    take(session, "test", right=1)
    assert [each["reason"] for each in payload_of(session)["remaining"]] == ["not_started"]


def test_the_same_batch_again_makes_no_second_waiver():
    session = tested()
    take(session, "test", right=4, now=LATER + timedelta(minutes=1))
    watch(session, 3)
    assert Waiver.objects.count() == 2


def test_a_new_cycle_begins_without_waivers():
    session = tested()
    again = begin_new_cycle(session.user_id, session.course_id, now=LATER).enrollment
    progress = CourseProgress.objects.get(pk=again.pk)
    assert (progress.waived, progress.completion_bp) == ([], 0)


# --- Alternatives --------------------------------------------------------------------------------
def test_one_alternative_is_enough():
    session = begun(a_chosen_course())
    watch(session, 10)
    assert waived(session) == {"book"}
    assert payload_of(session)["completion_percentage"] == 66.66
    assert payload_of(session)["waivers"][0]["because_title"] == "The film"


def test_an_alternative_that_was_begun_is_shown_as_waived():
    session = begun(a_chosen_course())
    book = content(session.course, "book").pk
    view = {"content_id": book, "interaction_type": "view", "page": 2, "duration_seconds": 3}
    report(session, view, now=LATER)
    answer = watch(session, 10).payload
    assert waived(session) == {"book"}
    [shown] = [each for each in answer["contents"] if each["content_id"] == book]
    assert (shown["is_waived"], shown["time_spent_seconds"]) == (True, 3.0)
    assert shown["last_position"] == 2.0


def test_of_alternatives_the_furthest_counts_and_is_named_once():
    session = begun(a_chosen_course())
    watch(session, 5)
    answer = payload_of(session)
    # The film is half watched, and so is what stands for the book: (50 + 50 + 0) / 3.
    assert answer["completion_percentage"] == 33.33
    book = content(session.course, "book").pk
    assert [(each["title"], each["or_instead"]) for each in answer["remaining"]] == [
        ("The film", [book]),
        ("A walk", []),
    ]
    stored = CourseProgress.objects.get(pk=session.enrollment_id)
    assert stored.completion_bp == 3333


# --- Changes by the author -----------------------------------------------------------------------
def changed(course, code, **changes):
    document = course_document(course, is_author=True)
    for each in document["modules"][0]["contents"]:
        if each["code"] == code:
            each.update(changes)
    return replace_course(document)


def test_passing_before_the_author_made_it_a_pre_test_counts_too():
    course = a_tested_course()
    course = changed(course, "test", waives=[])
    session = begun(course)
    take(session, "test", right=4)
    assert payload_of(session)["completion_percentage"] == 0
    course = changed(course, "test", waives=["film"])
    # A read is never stale, even before the job has run.
    answer = payload_of(session)
    assert (answer["completion_percentage"], answer["waivers"][0]["granted_at"]) == (33.33, None)
    assert Waiver.objects.count() == 0
    refold_course(course.pk, now=LATER)
    assert waived(session) == {"film"}
    assert payload_of(session)["waivers"][0]["granted_at"] == LATER


def test_waivers_stay_when_the_author_removes_the_rule():
    session = begun(course := a_tested_course())
    take(session, "test", right=4)
    course = changed(course, "test", waives=[])
    refold_course(course.pk, now=LATER)
    assert payload_of(session)["completion_percentage"] == 66.66
    assert payload_of(session)["waivers"][0]["because_title"] == "Do you know it?"


def test_a_missing_waiver_is_found_and_stored():
    tested()
    assert list(check(LATER)) == []
    CourseProgress.objects.update(waived=[])
    assert {each.what for each in check(LATER, repair=True)} == {"course waived"}
    assert list(check(LATER)) == []
    assert Waiver.objects.count() == 2


# --- The record ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.delete(),
        lambda rows: rows.update(score_bp=10_000),
        lambda rows: rows.update(declined_at=LATER, score_bp=10_000),
    ],
)
def test_the_database_keeps_waivers_as_they_were_granted(change):
    session = begun(a_tested_course())
    take(session, "test", right=3)
    with pytest.raises(IntegrityError, match="a waiver stays"), transaction.atomic():
        change(Waiver.objects.all())
    Waiver.objects.update(declined_at=LATER)
    with pytest.raises(IntegrityError, match="a waiver stays"), transaction.atomic():
        Waiver.objects.update(declined_at=None)


def test_a_course_without_paths_costs_no_statement_more():
    session = begun(a_course_of({"code": "film", "content_type": "video", "duration_seconds": 60}))
    with CaptureQueriesContext(connection) as found:
        watch(session, 5)
    assert not [each for each in found if "progress_waiver" in each["sql"]]
