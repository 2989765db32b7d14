"""The life of a certificate: it expires, is renewed, reviewed, replaced, revoked."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates import payloads, tasks, verification
from certificates.lifecycle import issuing, reminders, renewals, reviews, revocations
from certificates.models import Certificate, Reminder, Review, Validity
from progress.ingest import regrading
from progress.ingest.enrolling import begin_new_cycle
from progress.jobs import Run
from progress.models import Choice, Enrollment
from progress.operations import outbox
from tests.factories import an_instructor, content
from tests.support.certificates import DAY, LATER, a_certificate, a_course_with, again, status
from tests.support.quizzes import Quiz
from tests.support.races import at_once

pytestmark = pytest.mark.django_db


# --- It expires ----------------------------------------------------------------------------------
def test_without_terms_it_does_not_expire():
    certificate = a_certificate()
    assert certificate.expires_at is None
    assert status(certificate, LATER + 9999 * DAY) == "pending"


def test_it_expires_at_midnight_in_the_organisations_zone(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    certificate = a_certificate(a_course_with(months=12))
    assert certificate.completed_at == LATER
    assert certificate.expires_at == datetime(2027, 5, 4, 15, tzinfo=UTC)
    assert status(certificate, certificate.expires_at - timedelta(seconds=1)) == "pending"
    assert status(certificate, certificate.expires_at) == "expired"


def test_new_terms_do_not_change_issued_certificates():
    course = a_course_with(months=12)
    certificate = a_certificate(course)
    before = certificate.expires_at
    Validity.objects.update(months=1)
    assert Certificate.objects.get().expires_at == before


def test_a_fixed_day_has_to_be_named():
    with pytest.raises(IntegrityError), transaction.atomic():
        a_course_with(counted_from="fixed")


# --- It is renewed -------------------------------------------------------------------------------
def test_a_renewal_in_time_counts_from_the_previous_expiry():
    first = a_certificate(a_course_with(counted_from="previous", months=12))
    in_time = first.expires_at - 30 * DAY
    enrollment = renewals.renew(first.pk, in_time)
    assert enrollment.cycle == 2
    assert enrollment.due_at == first.expires_at - timedelta(seconds=1)
    second = again(first, in_time)
    assert second.expires_at == datetime(2028, 5, 5, tzinfo=UTC)
    assert status(first) == "superseded"
    assert status(second, in_time) == "pending"


def test_a_renewal_too_late_counts_from_its_completion():
    first = a_certificate(a_course_with(counted_from="previous", months=12))
    late = datetime(2027, 9, 1, 12, tzinfo=UTC)
    assert renewals.renew(first.pk, late).due_at is None
    assert again(first, late).expires_at == datetime(2028, 9, 2, tzinfo=UTC)


def test_not_before_its_window_and_not_twice():
    certificate = a_certificate(a_course_with(months=12, opens_days=60))
    opens = certificate.expires_at - 61 * DAY
    with pytest.raises(renewals.NotRenewable):
        renewals.renew(certificate.pk, opens - timedelta(seconds=1))
    renewals.renew(certificate.pk, opens)
    with pytest.raises(renewals.NotRenewable):
        renewals.renew(certificate.pk, opens)


@pytest.mark.parametrize("how", ["revoked", "left", "retired"])
def test_revoked_or_replaced_certificates_are_not_renewed(how):
    certificate = a_certificate(a_course_with(months=12))
    if how == "revoked":
        revocations.revoke(certificate, reason="In error", by=None, now=LATER)
    elif how == "left":
        Enrollment.objects.update(unenrolled_at=LATER)
    else:
        certificate.course.retired_at = LATER
        certificate.course.save()
    with pytest.raises(renewals.NotRenewable):
        renewals.renew(certificate.pk, certificate.expires_at)


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_begin_one_cycle():
    certificate = a_certificate(a_course_with(months=12))

    def renew():
        try:
            return renewals.renew(certificate.pk, certificate.expires_at)
        except renewals.NotRenewable:
            return None

    results = at_once([renew] * 10)
    assert len([each for each in results if each is not None]) == 1
    assert Enrollment.objects.count() == 2


def test_automatic_ones_begin_by_themselves_and_once():
    course = a_course_with(months=12, renewal="automatic", opens_days=30)
    certificate = a_certificate(course)
    by_hand = a_certificate(a_course_with(months=12))
    opens = certificate.expires_at - 31 * DAY
    for now, cycles in [(opens - DAY / 2, 1), (opens, 2), (opens + DAY, 2)]:
        renewals.begin_renewals(Run("renewals", now))
        assert certificate.user.enrollments.count() == cycles
    assert by_hand.user.enrollments.count() == 1


def test_the_learner_renews_on_its_page(client):
    certificate = a_certificate(a_course_with(months=1, opens_days=60))
    tasks.render_certificate(certificate.pk)
    client.force_login(certificate.user)
    page = client.get(f"/certificates/{certificate.number}/").content.decode()
    assert "Renew" in page
    assert f"/certificates/{certificate.number}/" in client.get("/").content.decode()
    address = f"/certificates/{certificate.number}/renew/"
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 409
    assert Enrollment.objects.get(is_current=True).cycle == 2
    # Nobody may renew for another learner, not even those who may see the certificate.
    client.force_login(an_instructor(certificate.course))
    assert client.post(address).status_code == 404


# --- It is reviewed ------------------------------------------------------------------------------
def a_certified_quiz() -> tuple[Quiz, Certificate]:
    quiz = Quiz()
    for number in range(3):
        quiz.answer(number, "right", "also right")
    quiz.answer(3, "wrong")
    quiz.submit()
    tasks.issue_missing()
    certificate = Certificate.objects.get()
    assert certificate.score_bp == 7500
    return quiz, certificate


def set_right(quiz, number, *texts):
    """The author corrects the key, has it scored anew, and the other apps react."""
    for choice in Choice.objects.filter(question=quiz.questions[number]):
        choice.is_correct = choice.text in texts
        choice.save()
    quiz.course.structure_version += 1
    quiz.course.save()
    fresh = content(quiz.course, "c1")
    regrading.regrade(fresh, reason="The key was wrong.", by=None, now=LATER)
    outbox.send_unsent(LATER + 9 * DAY, limit=100)


def test_a_score_changed_later_puts_it_under_review_and_back():
    quiz, certificate = a_certified_quiz()
    set_right(quiz, 0, "right")
    assert status(certificate) == "under_review"
    review = Review.objects.get()
    assert "50 %, 75 % needed" in review.reason
    assert Certificate.objects.count() == 1, "never silently gone"
    set_right(quiz, 0, "right", "also right")
    assert status(certificate) == "pending"
    review.refresh_from_db()
    assert (review.outcome, review.closed_by) == ("upheld", None)


def test_a_better_score_is_another_score_too():
    quiz, certificate = a_certified_quiz()
    set_right(quiz, 3, "wrong")
    assert status(certificate) == "under_review"
    assert "100 %, certified was 75 %" in Review.objects.get().reason


def test_a_message_that_comes_again_opens_no_second_review():
    quiz, certificate = a_certified_quiz()
    set_right(quiz, 0, "right")
    reviews.compare(certificate.enrollment_id, LATER)
    assert Review.objects.count() == 1


def test_an_upheld_certificate_is_valid_again():
    certificate = a_certificate()
    review = reviews.open_review(certificate, reason="A doubt", by=None, now=LATER)
    assert status(certificate) == "under_review"
    reviews.uphold(review, note="It is good.", by=None, now=LATER)
    assert status(certificate) == "pending"


# --- It is replaced, or revoked ------------------------------------------------------------------
def test_issued_anew_with_history():
    quiz, old = a_certified_quiz()
    set_right(quiz, 0, "right")
    old.user.full_name = "Lena Weber"
    old.user.save()
    made = issuing.reissue(old.pk, reason="Name and score", by=None, now=LATER + DAY)
    assert (made.learner_name, made.score_bp) == ("Lena Weber", 5000)
    assert made.replaces == old
    assert made.completed_at == old.completed_at
    assert (made.number, made.code) != (old.number, old.code)
    assert status(old) == "superseded"
    assert status(made) == "pending"
    assert Review.objects.get().outcome == "reissued"
    assert verification.verify(old.number).status == "superseded"
    assert payloads.certificate_payload(old.enrollment_id)["number"] == made.number
    with pytest.raises(issuing.AlreadyReplaced):
        issuing.reissue(old.pk, reason="Again", by=None, now=LATER + DAY)


def test_a_revoked_one_is_issued_anew_and_stays_revoked():
    old = a_certificate()
    assert revocations.revoke(old, reason="Wrong name", by=None, now=LATER)
    assert not revocations.revoke(old, reason="Again", by=None, now=LATER)
    made = issuing.reissue(old.pk, reason="Right name", by=None, now=LATER + DAY)
    assert (status(old), status(made)) == ("revoked", "pending")


def test_a_new_cycle_supersedes_until_it_is_revoked():
    first = a_certificate()
    begin_new_cycle(first.user_id, first.course_id, now=LATER + DAY)
    assert status(first) == "pending", "a begun cycle replaces nothing"
    second = again(first, LATER + DAY)
    assert status(first) == "superseded"
    revocations.revoke(second, reason="In error", by=None, now=LATER + 2 * DAY)
    assert status(first) == "pending"


# --- Reminders -----------------------------------------------------------------------------------
def remind(now):
    run = Run("remind", now)
    reminders.plan(run)
    reminders.send(run)


def test_reminders_go_out_once_each_and_only_the_nearest(mailoutbox, settings):
    settings.PUBLIC_URL = "https://learn.example"
    course = a_course_with(months=12, remind_days=[30, 7])
    certificate = a_certificate(course, email="lena@learn.example", full_name="Lena Fischer")
    last_day = certificate.expires_at - DAY
    for before, sent in [(31, 0), (30, 1), (29, 1), (7, 2), (0, 2), (-3, 2)]:
        remind(last_day - before * DAY)
        assert len(mailoutbox) == sent, before
    mail = mailoutbox[0]
    assert mail.to == ["lena@learn.example"]
    assert "Fire safety" in mail.subject
    assert "May 4, 2027" in mail.body
    assert f"https://learn.example/certificates/{certificate.number}/" in mail.body
    late = a_certificate(course, email="tom@learn.example")
    remind(late.expires_at - 2 * DAY)
    assert [row.days_before for row in Reminder.objects.filter(certificate=late)] == [7]


def test_no_reminder_after_a_renewal_or_without_an_address(mailoutbox):
    course = a_course_with(months=12, remind_days=[30])
    first = a_certificate(course, email="lena@learn.example")
    renewals.renew(first.pk, first.expires_at - 40 * DAY)
    again(first, first.expires_at - 39 * DAY)
    a_certificate(course)
    remind(first.expires_at - 20 * DAY)
    assert not mailoutbox
    assert Reminder.objects.get().error == "The learner has no email address."


def test_a_mail_server_that_is_down_loses_none(mailoutbox, monkeypatch):
    certificate = a_certificate(a_course_with(remind_days=[30]), email="lena@learn.example")
    now = certificate.expires_at - 20 * DAY
    with monkeypatch.context() as broken:
        broken.setattr(
            "django.core.mail.EmailMessage.send",
            lambda self: (_ for _ in ()).throw(smtplib.SMTPServerDisconnected("gone")),
        )
        with pytest.raises(smtplib.SMTPServerDisconnected):
            remind(now)
    assert Reminder.objects.get().sent_at is None
    remind(now + DAY / 24)
    assert len(mailoutbox) == 1
