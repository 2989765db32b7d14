"""Reports that are kept, and those that come by mail: once, with the rights of then."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import override_settings

from analytics.models import SavedReport
from analytics.reporting import registry, saving
from analytics.reporting.saving import Draft
from progress.jobs import Run
from progress.mail import outgoing
from tests.support.admin import a_staff_member, text_of
from tests.support.learners import an_instructor_of, complete, someone
from tests.support.reports import in_api

pytestmark = pytest.mark.django_db
PAGE = "/admin/insight/reports/"
API = "/api/analytics/saved-reports/"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
Schedule = SavedReport.Schedule


@pytest.fixture
def teacher(course):
    person = an_instructor_of(course)
    person.email, person.time_zone = "teacher@example.org", "UTC"
    person.save()
    return person


def kept(teacher, **changes):
    usual = {"name": "Mine", "slug": "completions", "query": "", "schedule": Schedule.WEEKLY}
    return saving.save(teacher, Draft(**(usual | {"ending": "csv"} | changes)))


def sent(now=MONDAY) -> int:
    run = Run("send_reports", now)
    saving.send_due(run)
    return run.rows


# --- Kept ----------------------------------------------------------------------------------------
def test_a_report_is_saved_with_its_filters(sign_in, teacher, course):
    window = sign_in(teacher)
    shown = {"name": "My course", "schedule": "never", "ending": "pdf", "is_shared": ""}
    query = f"course={course.pk}&since=2026-03-01&page=3"
    answer = window.post(f"{PAGE}completions/save/", shown | {"query": query}, follow=True)
    assert "‘My course’ is saved." in text_of(answer)
    saved = SavedReport.objects.get()
    assert saved.query == f"course={course.pk}&since=2026-03-01" and not saved.is_shared
    page = answer.content.decode()
    assert f'href="{PAGE}completions/?course={course.pk}&amp;since=2026-03-01"' in page
    window.post(f"/admin/insight/saved-reports/{saved.pk}/delete/")
    assert not SavedReport.objects.exists()


def test_what_cannot_be_saved_is_named(sign_in, teacher):
    window = sign_in(teacher)
    shown = {"name": "", "schedule": "hourly", "ending": "pdf"}
    page = text_of(window.post(f"{PAGE}learners/save/", shown, follow=True))
    assert "Name: This field is required." in page and "By email: Select a valid choice" in page
    assert window.get(f"{PAGE}learners/save/").status_code == 405


def test_the_same_name_replaces_and_other_peoples_names_do_not_matter(teacher, course):
    kept(teacher)
    kept(teacher, slug="learners")
    kept(an_instructor_of(course))
    assert SavedReport.objects.get(owner=teacher).slug == "learners"
    assert SavedReport.objects.count() == 2


def test_shared_ones_are_seen_by_who_may_open_them_and_deleted_by_their_owner(
    sign_in, teacher, course
):
    other, nobody = an_instructor_of(course), a_staff_member("view_course", teaches=[course])
    mine, shared = kept(teacher, name="Private"), kept(teacher, name="For all", is_shared=True)
    page = text_of(sign_in(other).get(PAGE))
    assert "For all" in page and "Private" not in page
    assert [each["name"] for each in in_api(other).get(API).json()["results"]] == ["For all"]
    assert in_api(nobody).get(API).status_code == 403
    for saved in (mine, shared):
        address = f"/admin/insight/saved-reports/{saved.pk}/delete/"
        assert sign_in(other).post(address).status_code == 404
        assert in_api(other).delete(f"{API}{saved.pk}/").status_code == 404
    assert in_api(teacher).delete(f"{API}{shared.pk}/").status_code == 204


def test_through_the_api(teacher, course):
    client = in_api(teacher)
    shown = {"name": "Mine", "slug": "learners", "query": f"course={course.pk}&page=2"}
    made = client.post(API, shown | {"schedule": "monthly", "ending": "pdf"}, format="json")
    assert made.status_code == 201 and made.json()["query"] == f"course={course.pk}"
    for field, value in (("slug", "unknown"), ("ending", "exe"), ("schedule", "hourly")):
        refused = client.post(API, shown | {field: value}, format="json")
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["attr"] == field


# --- By mail -------------------------------------------------------------------------------------
def test_it_comes_with_the_file_of_the_week_before_and_once(teacher, course):
    complete(course, someone(course, full_name="Lena"), MONDAY - timedelta(days=3))
    complete(course, someone(course, full_name="Omar"), MONDAY - timedelta(days=9))
    kept(teacher)
    assert sent() == 1 and sent(MONDAY + timedelta(hours=3)) == 0
    (message,) = mail.outbox
    (file,) = message.attachments
    assert message.to == ["teacher@example.org"] and message.subject == "Mine"
    assert file[0] == "completions-2026-02-23-2026-03-01.csv"
    shown = file[1] if isinstance(file[1], str) else file[1].decode()
    assert "Lena" in shown and "Omar" not in shown


def test_a_spreadsheet_arrives_whole(teacher, course):
    someone(course, full_name="Lena")
    kept(teacher, slug="learners", ending="xlsx")
    sent()
    book = openpyxl.load_workbook(io.BytesIO(mail.outbox[0].attachments[0][1]))
    assert "Lena" in [cell.value for cell in book.active[2]]


@pytest.mark.parametrize(
    ("schedule", "day", "is_sent"),
    [
        (Schedule.NEVER, 2, False),
        (Schedule.DAILY, 3, True),
        (Schedule.WEEKLY, 2, True),
        (Schedule.WEEKLY, 3, False),
        (Schedule.MONTHLY, 1, True),
        (Schedule.MONTHLY, 2, False),
    ],
)
def test_on_its_days_from_the_morning_on(schedule, day, is_sent):
    saved, today = SavedReport(schedule=schedule), date(2026, 3, day)
    assert saving.is_due(saved, today, 6) is is_sent
    assert not saving.is_due(saved, today, 5)


def test_a_missed_one_comes_late_once_and_covers_its_own_week(teacher, course):
    complete(course, someone(course, full_name="Lena"), MONDAY + timedelta(days=3))
    complete(course, someone(course, full_name="Omar"), MONDAY + timedelta(days=8))
    kept(teacher)
    assert sent(MONDAY - timedelta(days=3)) == 0 and sent() == 1
    late = MONDAY + timedelta(days=9)
    assert sent(MONDAY + timedelta(days=6)) == 0
    assert sent(late) == 1 and sent(late + timedelta(hours=1)) == 0
    shown = str(mail.outbox[1].attachments[0][1])
    assert "Lena" in shown and "Omar" not in shown
    assert sent(MONDAY + timedelta(days=14)) == 1


def test_the_morning_is_the_owners(teacher):
    teacher.time_zone = "America/Los_Angeles"
    teacher.save()
    kept(teacher)
    assert sent(MONDAY) == 0 and sent(MONDAY + timedelta(hours=5)) == 1


def test_the_days_that_a_mail_covers():
    assert saving.span(Schedule.DAILY, date(2026, 3, 1)) == (date(2026, 2, 28), date(2026, 2, 28))
    assert saving.span(Schedule.WEEKLY, date(2026, 3, 2)) == (date(2026, 2, 23), date(2026, 3, 1))
    assert saving.span(Schedule.MONTHLY, date(2026, 3, 1)) == (date(2026, 2, 1), date(2026, 2, 28))


def test_who_lost_the_right_gets_nothing_but_the_reason(teacher, course):
    someone(course, full_name="Lena")
    saved = kept(teacher, query=f"course={course.pk}")
    course.instructors.remove(teacher)
    sent()
    saved.refresh_from_db()
    assert not mail.outbox and "You don't teach any courses" in saved.error
    teacher.user_permissions.clear()
    teacher.groups.clear()
    sent(MONDAY + timedelta(days=7))
    saved.refresh_from_db()
    assert not mail.outbox and "may not open this report" in saved.error


@override_settings(PUBLIC_URL="https://learn.example.org")
def test_what_is_too_large_comes_as_a_link(teacher, course, monkeypatch):
    someone(course)
    monkeypatch.setattr(outgoing, "MAX_BYTES", 10)
    kept(teacher)
    sent()
    (message,) = mail.outbox
    assert not message.attachments and "too large for an email" in message.body
    assert "https://learn.example.org/admin/insight/reports/completions/?" in message.body
    assert "since=2026-02-23&until=2026-03-01" in message.body


@override_settings(PUBLIC_URL="https://learn.example.org")
@pytest.mark.parametrize("slug", ["completions", "learners", "record", "questions", "obligations"])
def test_the_link_of_a_mail_opens_the_report(sign_in, teacher, course, slug):
    """With the days of the mail only where the report knows days."""
    kept(teacher, slug=slug)
    sent()
    (link,) = re.findall(r"https://learn.example.org(/\S+)", mail.outbox[0].body)
    page = sign_in(teacher).get(link)
    assert page.status_code == 200, link
    assert ("until=2026-03-01" in link) == ("until" in registry.named(slug).filters)


def test_one_that_cannot_be_made_stops_nobody_else(teacher, course, monkeypatch):
    kept(teacher, name="Broken", slug="learners")
    kept(teacher, name="Works well")
    whole = saving.message

    def breaks(saved, *shown):
        if saved.name == "Broken":
            raise ValueError("cannot be")
        return whole(saved, *shown)

    monkeypatch.setattr(saving, "message", breaks)
    assert sent() == 1
    assert [message.subject for message in mail.outbox] == ["Works well"]


# --- Killed ---------------------------------------------------------------------------------------
class Killed(BaseException):
    """As the process ends in the middle of it."""


@pytest.mark.django_db(transaction=True)
def test_killed_while_it_is_sent_it_comes_once_at_most_and_says_so(
    teacher, course, monkeypatch, sign_in
):
    someone(course)
    saved = kept(teacher)
    whole = EmailMessage.send

    def send_and_die(message, *shown, **more):
        # What is written before is there whatever becomes of this process.
        assert not connection.in_atomic_block
        assert SavedReport.objects.get().error == outgoing.INTERRUPTED
        whole(message, *shown, **more)
        raise Killed

    monkeypatch.setattr(EmailMessage, "send", send_and_die)
    with pytest.raises(Killed):
        sent()
    monkeypatch.setattr(EmailMessage, "send", whole)
    assert len(mail.outbox) == 1 and sent() == 0 and len(mail.outbox) == 1
    assert (
        "may not have arrived" in sign_in(teacher).get("/admin/insight/reports/").content.decode()
    )
    # The next one comes, and all is well again.
    assert sent(MONDAY + timedelta(days=7)) == 1
    saved.refresh_from_db()
    assert saved.error == ""


def test_when_the_mail_server_fails_it_is_tried_again(teacher, course, monkeypatch):
    someone(course)
    kept(teacher)
    whole = EmailMessage.send

    def fails(message, *shown, **more):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", fails)
    with pytest.raises(ConnectionRefusedError):
        sent()
    assert SavedReport.objects.get().error == ""
    monkeypatch.setattr(EmailMessage, "send", whole)
    assert sent() == 0, "a little later"
    assert sent(MONDAY + timedelta(hours=1)) == 1 and len(mail.outbox) == 1


def test_two_at_once_send_it_once(teacher, course, monkeypatch):
    someone(course)
    kept(teacher)
    whole, other = saving.message, []

    def meanwhile(*shown):
        if not other:
            other.append(None)
            other.append(sent())
        return whole(*shown)

    monkeypatch.setattr(saving, "message", meanwhile)
    assert sent() == 1 and other == [None, 0] and len(mail.outbox) == 1
