"""Exactly one certificate for each completed cycle, whatever fails; it never changes afterwards."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates import tasks
from certificates.lifecycle import issuing
from certificates.models import Certificate
from certificates.numbers import read_code, read_number
from progress.ingest.enrolling import begin_new_cycle
from progress.models import OutboxMessage, SetAside
from progress.operations import outbox
from tests.factories import (
    NOON,
    a_course_of,
    a_learner,
    a_session,
    a_user,
    an_instructor,
    content,
    report,
)
from tests.support.certificates import LATER, VIDEO, completed
from tests.support.quizzes import Quiz
from tests.support.races import at_once, watched

pytestmark = pytest.mark.django_db


def send_outbox() -> int:
    return outbox.send_unsent(LATER + timedelta(days=1), limit=100)


def test_a_completion_is_certified_when_its_message_is_sent():
    enrollment = completed(a_learner(full_name="Lena Fischer"))
    assert not Certificate.objects.exists()
    send_outbox()
    certificate = Certificate.objects.get()
    assert certificate.enrollment == enrollment
    assert (certificate.learner_name, certificate.course_title) == ("Lena Fischer", "Fire safety")
    assert (certificate.completed_at, certificate.time_ms) == (LATER, 10_000)
    assert certificate.score_bp is None
    assert read_number(certificate.number) == certificate.number
    assert read_code(certificate.code) == certificate.code
    (rule,) = certificate.rules["contents"]
    assert (rule["code"], rule["needed_bp"], rule["completion_source"]) == ("c1", 9000, "measured")


def test_an_incomplete_course_is_not_certified():
    session = a_session(a_course_of(VIDEO, VIDEO))
    report(session, watched(content(session.course, "c1")), now=LATER)
    assert issuing.issue(session.enrollment_id) is None
    assert issuing.issue(0) is None
    tasks.issue_missing()
    assert not Certificate.objects.exists()


def test_a_message_that_comes_again_issues_no_second_one():
    completed()
    send_outbox()
    first = Certificate.objects.values().get()
    OutboxMessage.objects.update(sent_at=None)
    assert send_outbox() == 1
    tasks.issue_missing()
    assert Certificate.objects.values().get() == first


def test_the_sweep_issues_what_no_message_did():
    enrollment = completed()
    OutboxMessage.objects.all().delete()
    tasks.issue_missing()
    assert Certificate.objects.get().enrollment == enrollment


def test_one_that_cannot_be_issued_is_set_aside_and_the_rest_go_on(monkeypatch):
    good, bad = completed(), completed()
    write = issuing._write

    def fails(enrollment, now):
        if enrollment == bad:
            raise ValueError("no name")
        return write(enrollment, now)

    monkeypatch.setattr(issuing, "_write", fails)
    tasks.issue_missing()
    assert Certificate.objects.get().enrollment == good
    assert SetAside.objects.get(job="certificates.tasks.issue_missing").row == bad.pk


def test_a_failure_while_issuing_leaves_the_message_for_the_next_time(monkeypatch):
    completed()
    with monkeypatch.context() as broken:
        broken.setattr(issuing, "new_code", lambda: 1 / 0)
        assert send_outbox() == 0
    assert not Certificate.objects.exists()
    assert outbox.send_unsent(LATER + timedelta(days=9), limit=100) == 1
    assert Certificate.objects.count() == 1


def test_a_new_cycle_gets_its_own():
    course, learner = a_course_of(VIDEO), a_learner()
    begin_new_cycle(learner.pk, course.pk, now=NOON)
    completed(learner, course)
    begin_new_cycle(learner.pk, course.pk, now=LATER)
    tasks.issue_missing()
    assert Certificate.objects.count() == 1
    session = a_session(course, learner, now=LATER)
    later = LATER + timedelta(seconds=1700)
    report(session, watched(content(course, "c1")), now=later)
    tasks.issue_missing()
    cycles = Certificate.objects.order_by("enrollment__cycle")
    assert [each.enrollment.cycle for each in cycles] == [1, 2]
    assert len({each.number for each in cycles}) == 2


def test_the_score_is_the_best_of_the_quizzes():
    quiz = Quiz()
    for number in range(3):
        quiz.answer(number, "right", "also right")
    quiz.answer(3, "wrong")
    quiz.submit()
    tasks.issue_missing()
    assert Certificate.objects.get().score_bp == 7500


def test_what_the_author_adds_before_the_sweep_is_not_in_the_rules():
    enrollment = completed()
    module = enrollment.course.modules.get()
    module.contents.create(code="new", title="New", content_type="text", required=True, position=9)
    enrollment.course.structure_version += 1
    enrollment.course.save()
    tasks.issue_missing()
    assert [rule["code"] for rule in Certificate.objects.get().rules["contents"]] == ["c1"]


def test_an_issued_certificate_never_changes():
    enrollment = completed(a_learner(full_name="Lena Fischer"))
    tasks.issue_missing()
    before = Certificate.objects.values().get()
    enrollment.user.full_name = "Lena Weber"
    enrollment.user.save()
    assert Certificate.objects.values().get() == before
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
        Certificate.objects.update(learner_name="Lena Weber")


def test_users_see_the_rows_that_they_may_see():
    enrollment = completed()
    tasks.issue_missing()
    seen = Certificate.objects.visible_to
    assert seen(enrollment.user).count() == 1
    assert seen(an_instructor(enrollment.course)).count() == 1
    assert seen(an_instructor()).count() == 0
    assert seen(a_user()).count() == 0


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_issue_one():
    enrollment = completed()
    results = at_once([lambda: issuing.issue(enrollment.pk)] * 10 + [tasks.issue_missing] * 10)
    assert Certificate.objects.count() == 1
    assert len([each for each in results if each is not None]) <= 1
