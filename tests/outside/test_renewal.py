"""A certificate's renewal waits while a completion elsewhere fulfils the duty."""

import pytest

from certificates.lifecycle import reminders, renewals
from certificates.models import Certificate, Reminder
from progress.jobs import Run
from progress.models import Enrollment
from tests.support.certificates import DAY, a_certificate, a_course_with
from tests.support.outside import elsewhere, withdrawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate():
    course = a_course_with(months=12, renewal="automatic", opens_days=30, remind_days=[30])
    return a_certificate(course, email="lena@learn.example")


def begun(now) -> bool:
    renewals.begin_renewals(Run("renewals", now))
    return Enrollment.objects.filter(cycle=2).exists()


def reminded(now) -> bool:
    reminders.plan(Run("remind", now))
    return Reminder.objects.exists()


def test_it_waits_until_as_many_days_before_the_end_of_the_other(certificate):
    in_window = certificate.expires_at - 20 * DAY
    made = elsewhere(
        certificate.course,
        certificate.user,
        valid_until=(certificate.expires_at + 60 * DAY).date(),
    )
    assert not reminded(in_window) and not begun(in_window)
    assert not begun(made.holds_until - 31 * DAY)
    assert begun(made.holds_until - 29 * DAY)
    assert Certificate.objects.count() == 1  # none is issued for what was completed elsewhere


@pytest.mark.parametrize("how", ["withdrawn", "of another course", "ends before"])
def test_what_does_not_outlast_it_changes_nothing(how, certificate):
    in_window = certificate.expires_at - 20 * DAY
    if how == "ends before":
        day = (certificate.expires_at - 10 * DAY).date()
        elsewhere(certificate.course, certificate.user, valid_until=day)
    elif how == "withdrawn":
        withdrawn(elsewhere(certificate.course, certificate.user))
    else:
        elsewhere(a_course_with(months=12), certificate.user)
    assert reminded(in_window) and begun(in_window)


def test_the_learner_may_renew_it_all_the_same(certificate):
    elsewhere(certificate.course, certificate.user)
    assert renewals.renew(certificate.pk, certificate.expires_at - 20 * DAY).cycle == 2
