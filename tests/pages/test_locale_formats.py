"""Weeks, decimals and percentages as the reader's language has them, and nowhere else."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.utils import translation

from progress.models import User
from progress.pages import locale_formats, words
from tests.factories import a_course_of, a_session, content, enrolled, report

pytestmark = pytest.mark.django_db

NBSP, LRM = "\u00a0", "\u200e"
VIDEO = {"content_type": "video", "duration_seconds": 60}
QUIZ = {
    "content_type": "quiz",
    "pass_percentage": 66.67,
    "questions": [
        {
            "code": "q",
            "text": "Which?",
            "choices": [{"text": "this", "correct": True}, {"text": "that"}],
        }
    ],
}
LANGUAGES = ["en", "de", "es", "ar"]
THURSDAY = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(THURSDAY, tick=False):
        yield


@pytest.mark.parametrize(
    ("language", "first", "decimal", "percentage"),
    [
        ("en", 6, "66.67", "50 %"),
        ("de", 0, "66,67", f"50{NBSP}%"),
        ("es", 0, "66,67", f"50{NBSP}%"),
        ("ar", 5, "66.67", f"50{LRM}%{LRM}"),
    ],
)
def test_each_language_has_its_own(language, first, decimal, percentage):
    with translation.override(language):
        assert locale_formats.first_weekday() == first
        assert words.percent(6667) == decimal
        assert words.percent(8000) == "80"
        assert locale_formats.percentage(50) == percentage


def in_language(client, learner, language, path):
    User.objects.filter(pk=learner.pk).update(language=language)
    return client.get(path).content.decode()


def test_a_page_writes_a_pass_mark_and_a_bar_by_language(client, learner):
    course = a_course_of(QUIZ)
    enrolled(learner, course)
    path = f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/"
    german = in_language(client, learner, "de", path)
    assert f"66,67{NBSP}%" in german
    assert f'<span class="number" data-percent>0{NBSP}%</span>' in german
    assert '<progress value="0"' in german
    assert "66.67 %" in in_language(client, learner, "en", path)


@pytest.mark.parametrize(("language", "minutes"), [("en", 20), ("de", 10), ("es", 10), ("ar", 30)])
def test_this_week_begins_where_the_calendar_does(client, learner, language, minutes):
    course = a_course_of({"content_type": "video", "duration_seconds": 7200})
    enrolled(learner, course)
    for days in (1, 4, 5):  # Wednesday, Sunday, Saturday
        at = THURSDAY - timedelta(days=days)
        session = a_session(course, learner, now=at)
        seen = {"content_id": content(course, "c1").pk, "interaction_type": "view"}
        minutes_of_it = [seen | {"duration_seconds": 60}] * 10
        report(session, *minutes_of_it, now=at + timedelta(minutes=10))
    page = in_language(client, learner, language, "/")
    [shown] = re.findall(r"<strong>([^<]+)</strong>", page.split('class="week"')[1])[:1]
    assert re.sub(r"\D", "", shown) == str(minutes)
    rows = re.findall(r'<abbr title="([^"]+)">', page)
    assert len(rows) == 7
    first = {"en": "sunday", "de": "montag", "es": "lunes", "ar": "السبت"}
    assert rows[0].lower() == first[language]


def test_the_api_and_files_are_the_same_in_every_language(client, learner):
    course = a_course_of(VIDEO, QUIZ)
    enrolled(learner, course)
    session = a_session(course, learner, now=THURSDAY)
    watched = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 20]],
        "duration_seconds": 20,
        "video_position": 20,
    }
    report(session, watched, now=THURSDAY + timedelta(seconds=30))
    boss = User.objects.create_superuser("boss", password=None, time_zone="Europe/Berlin")
    paths = {
        f"/api/employee/realtime_progress/{learner.pk}/{course.pk}": learner,
        "/api/enrollments/": learner,
        "/api/courses/": boss,
        "/admin/progress/courseprogress/download/csv/": boss,
        "/admin/progress/enrollment/download/csv/": boss,
    }
    for path, reader in paths.items():
        client.force_login(reader)
        answers = set()
        for language in LANGUAGES:
            User.objects.filter(pk=reader.pk).update(language=language)
            answer = client.get(path)
            assert answer.status_code == 200, path
            answers.add(figures_of(answer))
        assert len(answers) == 1, path


def figures_of(answer) -> str:
    """An answer without its texts for people and its tokens: whatever has a digit in it."""
    if answer.streaming:
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        return "\n".join(lines[1:])

    def numbers(value):
        if isinstance(value, dict):
            return {k: numbers(v) for k, v in value.items() if not k.endswith("_url")}
        if isinstance(value, list):
            return [numbers(each) for each in value]
        return value

    return json.dumps(numbers(answer.json()), sort_keys=True)


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "“Alarm”"), ("de", "„Alarm“"), ("es", "«Alarm»"), ("ar", "«Alarm»")],
)
def test_titles_have_the_quotation_marks_of_the_language(language, shown):
    with translation.override(language):
        assert words.quoted("Alarm") == shown
        assert words.for_scripts()["quoted"].replace("{title}", "Alarm") == shown


def test_scripts_bring_no_quotation_marks_of_their_own():
    scripts = (Path(settings.BASE_DIR) / "static" / "pages").glob("*.js")
    assert [each.name for each in scripts if "“" in each.read_text("utf-8")] == []
