"""A report's days are the same on its page, in the API and in each of its files, whatever the
time zone of whoever asks; and each of them says which zone that is."""

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core import mail
from django.utils import timezone
from pypdf import PdfReader

from analytics.facts.rollups import folding
from analytics.models import Requirement, SavedReport
from analytics.reporting import registry, saving
from analytics.reporting.report import Days, Kind
from progress.jobs import Run
from progress.models import Content, LearningSession, User
from tests.factories import a_course_of
from tests.support import worlds
from tests.support.admin import VIDEO
from tests.support.alerts import an_alert
from tests.support.learners import (
    A_QUIZ,
    DAY,
    an_instructor_of,
    complete,
    learn,
    pass_quiz,
    someone,
)
from tests.support.reports import API, PAGE, in_api

pytestmark = pytest.mark.django_db
ZONES = ["Pacific/Auckland", "UTC", "America/Los_Angeles"]
SLUGS = [report.slug for report in registry.all_reports()]
HOURS = 8  # between two learners, so that midnight of each zone falls between some of them


@pytest.fixture(scope="module")
def busy_course(django_db_setup, django_db_blocker):
    """Twelve learners who did everything at another hour of four days around a month's border.

    `made_on` is the day on which these hours are counted back from.
    """
    with worlds.shared(django_db_blocker, make_busy_course) as course:
        yield course


def make_busy_course():
    course = a_course_of(VIDEO, A_QUIZ | {"skills": ["fire"]}, title="Fire safety")
    course.made_on = today = timezone.localdate()
    Requirement.objects.create(name="Fire", course=course, due_on=today + 9 * DAY)
    for number in range(12):
        ago = 3 * DAY + timedelta(hours=HOURS * number)
        person = someone(
            course,
            enrolled_ago=30 * DAY + ago,
            department="Care",
            username=f"learner-{number:02}",
            time_zone=ZONES[number % 3],
        )
        learn(course, person, ago=ago + timedelta(hours=1))
        pass_quiz(course, person, "c2", ago=ago)
        complete(course, person, timezone.now() - ago)
        alert = an_alert(course)
        type(alert).objects.filter(pk=alert.pk).update(opened_at=timezone.now() - ago)
    folding.fold_new(Run("fold", timezone.now()))
    return course


def reader_in(zone: str, course) -> User:
    reader = an_instructor_of(course)
    User.objects.filter(pk=reader.pk).update(time_zone=zone)
    reader.refresh_from_db()
    return reader


def query_of(report, course) -> str:
    """Four days that lie among the twelve."""
    today = course.made_on
    days = {"since": today - 6 * DAY, "until": today - 4 * DAY}
    asked = [f"{name}={day}" for name, day in days.items() if name in report.filters]
    if "content" in report.extra_filters:
        asked.append(f"content={Content.objects.get(module__course=course, code='c1').pk}")
    return "&".join(asked)


def whole(answer) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def shown(value) -> str:
    """A value as its face has it, in one form for all of them."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or value in ("True", "False"):
        return str(value)
    if isinstance(value, timedelta):
        return str(round(value.total_seconds()))
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="minutes")[:16]
    try:
        return f"{float(value):.6g}"
    except ValueError:
        return str(value)


def cell(value, kind: Kind) -> str:
    """Of a program's answer or a CSV: as a spreadsheet has it, moments by the clock of its zone."""
    if kind is Kind.MOMENT and value:
        return shown(datetime.fromisoformat(value).replace(tzinfo=None))
    if kind is Kind.DAY and value:
        return shown(datetime.fromisoformat(value))
    return shown(value)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_face_of_a_report_has_the_same_rows(slug, zone, sign_in, busy_course):
    report, reader = registry.named(slug), reader_in(zone, busy_course)
    query, window = query_of(report, busy_course), sign_in(reader)
    kinds = [column.kind for column in report.columns]

    answer = in_api(reader).get(f"{API}{slug}/?{query}&page_size=500").json()
    result = sorted(
        [cell(value, kind) for value, kind in zip(row.values(), kinds, strict=True)]
        for row in answer["results"]
    )
    page = window.get(f"{PAGE}{slug}/?{query}")
    assert page.context["table"].page.paginator.count == len(result) == answer["count"]

    for way in (f"{PAGE}{slug}/csv/", f"{API}{slug}/download/csv/"):
        client = window if way.startswith(PAGE) else in_api(reader)
        text = whole(client.get(f"{way}?{query}")).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))[1:]
        assert sorted([*map(cell, row, kinds)] for row in rows) == result, way

    book = openpyxl.load_workbook(io.BytesIO(whole(window.get(f"{PAGE}{slug}/xlsx/?{query}"))))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert sorted([*map(shown, row)] for row in rows) == result

    paper = PdfReader(io.BytesIO(whole(window.get(f"{PAGE}{slug}/pdf/?{query}"))))
    text = " ".join(page.extract_text() for page in paper.pages)
    for number in range(12):
        name = f"learner-{number:02}"
        cells = [each.text for row in page.context["table"].rows for each in row]
        assert text.count(name) == cells.count(name), name

    own = "UTC" if report.days is Days.ORGANISATION else zone
    assert answer["time_zone"] == own and answer["days"] == report.days.value
    assert own in page.content.decode() and f"({own})" in text
    notes = [cell for row in book["About"].iter_rows(values_only=True) for cell in row]
    assert any(own in note for note in notes)
    if "since" in report.filters:
        assert page.context["filters"].summary in notes


@pytest.mark.parametrize("slug", ["completions", "sessions", "attempts", "alerts"])
def test_a_day_is_the_readers(slug, sign_in, busy_course):
    """The twelve lie on other days for readers on other sides of the earth."""
    report = registry.named(slug)
    today = busy_course.made_on
    since, until = today - 6 * DAY, today - 4 * DAY
    for zone in ZONES:
        reader = reader_in(zone, busy_course)
        query = query_of(report, busy_course)
        rows = csv.DictReader(
            io.StringIO(
                whole(sign_in(reader).get(f"{PAGE}{slug}/csv/?{query}")).decode("utf-8-sig")
            )
        )
        key = {
            "completions": "completed_at",
            "sessions": "start_time",
            "attempts": "submitted_at",
            "alerts": "opened_at",
        }[slug]
        moments = [datetime.fromisoformat(row[key]) for row in rows]
        assert moments
        for moment in moments:
            assert moment.utcoffset() == moment.astimezone(ZoneInfo(zone)).utcoffset()
            assert since <= moment.date() <= until


def test_days_of_the_learner_are_counted_alike_for_every_reader(busy_course):
    """Time by the rollups' days, and what was completed, by the same days."""
    result = []
    for zone in ZONES:
        reader = reader_in(zone, busy_course)
        query = query_of(registry.named("cost-departments"), busy_course)
        rows = in_api(reader).get(f"{API}cost-departments/?{query}").json()["results"]
        result.append([(row["active_seconds"], row["completions"]) for row in rows])
    assert result[0] == result[1] == result[2] and result[0][0][1]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "pdf"])
@pytest.mark.parametrize("zone", ZONES)
def test_a_mailed_report_has_the_days_of_its_owner(zone, ending, busy_course):
    owner = reader_in(zone, busy_course)
    User.objects.filter(pk=owner.pk).update(email="owner@example.org", is_staff=True)
    day = ZoneInfo(zone)
    SavedReport.objects.create(
        owner=owner, name="Visits", slug="sessions", schedule="daily", ending=ending
    )
    morning = timezone.now().astimezone(day).replace(hour=7) - 4 * DAY
    saving.send_due(Run("mail", morning))
    (letter,) = mail.outbox
    (attached,) = letter.attachments
    yesterday = (morning - DAY).date()
    expected = [
        start
        for start in LearningSession.objects.values_list("start_time", flat=True)
        if start.astimezone(day).date() == yesterday
    ]
    assert expected
    file = attached[1]
    if ending == "csv":
        text = file if isinstance(file, str) else file.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(text)))) == len(expected) + 1
    elif ending == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
        assert sheet.max_row == len(expected) + 1
    else:
        text = PdfReader(io.BytesIO(file)).pages[0].extract_text()
        assert f"({zone})" in text
        for start in expected:
            assert f"{start.astimezone(day):%H:%M}" in text
