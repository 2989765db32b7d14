"""My learning: where to continue, the courses, and the effort put into them."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from progress.importing.fields import Change, Step
from progress.importing.people import write
from progress.ingest import enrolling
from progress.models import CourseProgress, QuizAttempt, User
from progress.state import structure
from tests.factories import (
    a_course,
    a_course_of,
    a_document,
    a_learner,
    a_session,
    content,
    enrolled,
    report,
)

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=BERLIN)  # a Wednesday
VIDEO = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}
PAGES = {"content_type": "document", "page_count": 10, "title": "House rules", "url": "/x.pdf"}
TEXT = {"content_type": "text", "reading_seconds": 80, "title": "What fire needs"}
QUIZ = a_document()["modules"][2]["contents"][0]


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def learn(learner, course, *events, at=NOW - timedelta(hours=2), code="c1", seconds=60):
    """Report these events of a content, beginning at `at`, with `seconds` of active time."""
    session = a_session(course, learner, now=at)
    item = content(course, code).pk
    reported = [{"content_id": item, "duration_seconds": seconds / len(events)} | e for e in events]
    receipt = report(session, *reported, now=at + timedelta(seconds=seconds))
    assert {outcome.status for outcome in receipt.outcomes} == {"accepted"}


def played(*segments):
    position = segments[-1][1]
    return {"interaction_type": "play", "segments": list(segments), "position": position}


def read(page):
    return {"interaction_type": "progress", "page": page}


def page_of(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def said(client):
    return text_of(page_of(client))


def text_of(markup):
    markup = re.sub(r"<progress.*?</progress>", " ", markup)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


# --- Courses --------------------------------------------------------------------------------------
def test_a_course_shows_its_progress_and_time_left(client, learner):
    course = a_course_of(VIDEO | {"duration_seconds": 300}, title="Fire safety")
    enrolled(learner, course)
    assert "Fire safety 0 % Not started About 5 min left" in said(client)
    learn(learner, course, played([0, 60]))
    assert '<progress value="20"' in page_of(client)
    assert "Fire safety 20 % In progress About 4 min left 1 min spent" in said(client)


def test_without_a_course_the_page_says_how_to_get_one(client, learner):
    assert "You have no courses yet" in said(client)
    # One card with one button, as on every other day.
    main = page_of(client).partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'<a class="button" href="([^"]+)"', main) == ["/catalogue/"]
    assert "Continue" not in said(client)


def test_completed_courses_are_listed_below_with_their_day(client, learner):
    course = a_course_of(VIDEO, title="Fire safety")
    enrolled(learner, course)
    # In the learner's zone it is already the next day.
    learn(learner, course, played([0, 60]), at=datetime(2026, 11, 23, 23, 30, tzinfo=BERLIN))
    text = said(client)
    # One card with one button, as on every other day; it is the only way to the catalogue.
    assert (
        "Everything is done. Well done. Look at one of your courses again, or choose another. "
        "Find a course in the catalogue Done Fire safety 100 %" in text
    )
    main = page_of(client).partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'<a class="button" href="([^"]+)"', main) == ["/catalogue/"]
    assert main.count('href="/catalogue/"') == 1
    assert "Completed Nov. 23, 2026" in text
    User.objects.update(time_zone="Asia/Tokyo")
    assert "Completed Nov. 24, 2026" in said(client)


def test_a_course_that_its_author_just_finished_for_us_is_done(client, learner):
    course = a_course_of(VIDEO, TEXT, title="Fire safety")
    enrolled(learner, course)
    learn(learner, course, played([0, 60]))
    course.modules.get().contents.filter(code="c2").update(required=False)
    course.structure_version += 1
    course.save()
    assert "Done Fire safety 100 % Complete" in said(client)


@pytest.mark.parametrize(
    ("due", "words", "is_overdue"),
    [
        ("2026-11-28T12:00", "Due in 3 days", False),
        ("2026-11-26T00:30", "Due tomorrow", False),
        ("2026-11-25T23:30", "Due today", False),
        ("2026-11-25T09:00", "Overdue since today", True),
        ("2026-11-24T23:30", "Overdue by 1 day ", True),
        ("2026-11-23T16:00", "Overdue by 2 days", True),
    ],
)
def test_a_due_date_is_shown_in_days_of_the_learners_calendar(
    client, learner, due, words, is_overdue
):
    enrollment = enrolled(learner, a_course_of(VIDEO))
    enrolling.set_due(enrollment, datetime.fromisoformat(due).replace(tzinfo=BERLIN))
    assert words in said(client)
    assert ('class="overdue"' in page_of(client)) == is_overdue


def test_courses_are_ordered_by_due_date(client, learner):
    for title, days in [("Later", 9), ("Never", None), ("Soon", 2)]:
        enrollment = enrolled(learner, a_course_of(VIDEO, title=title))
        if days:
            enrolling.set_due(enrollment, NOW + timedelta(days=days))
    titles = re.findall(r'class="row-title"[^>]*><bdi>([^<]+)<', page_of(client))
    assert titles == ["Soon", "Later", "Never"]


def test_twelve_courses_cost_as_many_queries_as_one(client, learner):
    def queries():
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return [query["sql"] for query in captured]

    def begin():
        course = a_course_of(VIDEO, PAGES)
        enrolled(learner, course)
        learn(learner, course, played([0, 10]))

    begin()
    one = queries()
    for _ in range(11):
        begin()
    twelve = queries()
    assert len(twelve) == len(one) <= 9, "\n\n".join(twelve)
    assert page_of(client).count("In progress") == 12


def test_courses_that_are_not_in_memory_are_read_together(client, learner, monkeypatch):
    monkeypatch.setattr(structure, "_recent", structure._Recent(size=1))
    for _ in range(3):
        enrolled(learner, a_course_of(VIDEO))
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    about_modules = [each for each in captured if 'FROM "progress_module"' in each["sql"]]
    assert len(about_modules) == 1


# --- Resuming -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("document", "event", "place"),
    [
        (VIDEO | {"duration_seconds": 1000}, played([820, 842]), "Fire doors at 14:02"),
        (VIDEO, {"interaction_type": "view"}, "Fire doors Not watched yet"),
        (PAGES, read(4), "House rules page 4"),
        (
            TEXT,
            {"interaction_type": "view", "reading_position": 0.4, "span": [0.3, 0.4]},
            "What fire needs 40 % through",
        ),
        (
            QUIZ | {"code": "c1"},
            {"interaction_type": "view"},
            "What to do 0 of 4 answered, not submitted yet",
        ),
    ],
)
def test_the_page_continues_at_the_exact_position(client, learner, document, event, place):
    course = a_course_of(document)
    enrolled(learner, course)
    assert "Continue" not in said(client)
    learn(learner, course, event)
    assert place in said(client)
    [link] = re.findall(r'class="button" href="([^"]+)"', page_of(client))
    assert link == f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/"


def test_the_page_continues_in_the_latest_course(client, learner):
    for title, hours in [("Old", 5), ("New", 1), ("Older", 9)]:
        course = a_course_of(VIDEO | {"title": f"{title} video"}, title=title)
        enrolled(learner, course)
        learn(learner, course, played([0, 20]), at=NOW - timedelta(hours=hours))
    assert "New · 33 % New video at 0:20 Continue" in said(client)


def test_after_a_complete_content_comes_the_next_that_is_open(client, learner):
    course = a_course_of(
        TEXT,
        VIDEO | {"prerequisites": ["c1"]},
        PAGES,
    )
    enrolled(learner, course)
    learn(learner, course, {"interaction_type": "progress", "page": 1}, code="c3")
    learn(learner, course, *map(read, range(1, 11)), code="c3", at=NOW - timedelta(hours=1))
    # The third is complete; the second is locked; the first is open.
    assert "What fire needs Not started Continue" in said(client)


def test_locked_content_is_skipped_while_something_is_open(client, learner):
    course = a_course_of(VIDEO, TEXT | {"prerequisites": ["c3"]}, PAGES)
    enrolled(learner, course)
    learn(learner, course, played([0, 60]))
    assert "House rules Not started Continue" in said(client)


# --- The week and its goal ------------------------------------------------------------------------
def test_this_week_is_shown_against_the_learners_goal(client, learner):
    course = a_course_of(VIDEO)
    enrolled(learner, course)
    learn(learner, course, *[{"interaction_type": "view"}] * 10, seconds=1200)
    before = datetime(2026, 11, 21, 20, 0, tzinfo=BERLIN)  # the Saturday of last week
    learn(learner, course, *[{"interaction_type": "view"}] * 10, seconds=1200, at=before)
    assert "20 min of learning this week." in said(client)
    answer = client.post("/goal/", {"weekly_goal_minutes": "30"})
    assert (answer.status_code, answer.url) == (302, "/")
    assert "20 min of learning this week, out of your goal of 30 min." in said(client)
    assert '<progress class="week-bar" value="66"' in page_of(client)
    client.post("/goal/", {"weekly_goal_minutes": "20"})
    assert "Goal reached." in said(client)
    client.post("/goal/", {"weekly_goal_minutes": ""})
    assert User.objects.get(pk=learner.pk).weekly_goal_minutes is None
    assert "goal of" not in said(client)


@pytest.mark.parametrize("wrong", ["0", "-5", "10081", "many", "1.5"])
def test_an_invalid_goal_is_refused_and_not_saved(client, learner, wrong):
    client.post("/goal/", {"weekly_goal_minutes": "30"})
    answer = client.post("/goal/", {"weekly_goal_minutes": wrong})
    assert answer.status_code == 400
    markup = answer.content.decode()
    assert "A goal is a whole number of minutes, from 1 to 10080." in markup
    assert 'aria-invalid="true"' in markup
    assert "of your goal of 30 min" in text_of(markup)
    assert User.objects.get(pk=learner.pk).weekly_goal_minutes == 30


def test_a_goal_needs_a_sign_in_and_a_post(client):
    assert client.post("/goal/", {"weekly_goal_minutes": "30"}).status_code == 302
    client.force_login(a_learner())
    assert client.get("/goal/").status_code == 405


@pytest.mark.parametrize("minutes", [0, 10_081])
def test_the_database_refuses_an_invalid_goal(learner, minutes):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(weekly_goal_minutes=minutes)


# --- Effort ---------------------------------------------------------------------------------------
def test_time_in_two_courses_at_once_is_counted_once(client, learner):
    for _ in range(2):
        course = a_course_of(VIDEO)
        enrolled(learner, course)
        learn(learner, course, *[{"interaction_type": "view"}] * 10, seconds=600)
    assert CourseProgress.objects.filter(time_ms=600_000).count() == 2
    assert "10 min of learning this week." in said(client)
    assert "10 min on 1 day" in said(client)


def test_a_streak_is_shown_even_before_today_has_learning(client, learner):
    course = a_course_of(VIDEO)
    enrolled(learner, course)
    for days in (1, 2):
        learn(learner, course, {"interaction_type": "view"}, at=NOW - timedelta(days=days))
    assert "2 days in a row, today not counted yet." in said(client)
    learn(learner, course, {"interaction_type": "view"})
    assert "3 days in a row." in said(client)


def test_the_calendar_says_in_words_what_it_shows(client, learner):
    course = a_course_of(VIDEO)
    enrolled(learner, course)
    assert "No learning in these weeks yet." in said(client)
    learn(learner, course, *[{"interaction_type": "view"}] * 20, seconds=2000)
    markup = page_of(client)
    [cell] = re.findall(r'<span class="day level-3" title="([^"]+)">', markup)
    assert cell == "November 25: 33 min"
    table = markup[markup.index('<table class="calendar">') :]
    assert table[: table.index("</table>")].count('class="day level-0"') == 11 * 7 + 3
    assert "November 22 – November 28 33 min 1" in text_of(markup)
    assert "Days are in the time zone Europe/Berlin." in text_of(markup)


def test_achievements_come_from_what_was_done(client, learner):
    course = a_course(plausibility="observe")
    enrolled(learner, course)
    before = said(client)
    assert "First content completed Not yet" in before
    assert "Seven days in a row Not yet" in before
    learn(learner, course, played([0, 60]), code="video")
    questions = content(course, "quiz").questions.all()
    right = [
        {
            "interaction_type": "answer",
            "question_id": question.pk,
            "answer": [choice.pk for choice in question.choices.all() if choice.is_correct],
        }
        for question in questions
    ]
    learn(learner, course, *right, {"interaction_type": "submit"}, code="quiz")
    after = said(client)
    assert "First content completed Nov. 25, 2026" in after
    assert "A quiz passed on the first attempt Nov. 25, 2026" in after
    assert "Seven days in a row 1 of 7 days" in after
    assert "Ten hours of learning 1 min of 10 h " in after
    assert "First course completed Not yet" in after


def test_a_quiz_passed_at_the_second_attempt_is_not_one_at_the_first(client, learner):
    course = a_course_of(QUIZ | {"code": "c1"})
    enrolled(learner, course)
    for is_right in (False, True):
        answers = [
            {
                "interaction_type": "answer",
                "question_id": question.pk,
                "answer": [c.pk for c in question.choices.all() if c.is_correct == is_right],
            }
            for question in content(course, "c1").questions.all()
        ]
        at = NOW - timedelta(hours=2 - is_right)
        learn(learner, course, *answers, {"interaction_type": "submit"}, at=at)
    assert list(QuizAttempt.objects.values_list("number", "passed")) == [(1, False), (2, True)]
    assert "A quiz passed on the first attempt Not yet" in said(client)
    assert "First course completed Nov. 25, 2026" in said(client)


def test_learning_in_a_past_cycle_still_counts(client, learner):
    course = a_course_of(VIDEO, title="Fire safety")
    enrolled(learner, course)
    learn(learner, course, played([0, 60]))
    enrolling.begin_new_cycle(learner.pk, course.pk, now=NOW)
    text = said(client)
    assert "Fire safety 0 % Not started About 1 min left" in text
    assert "1 min of learning this week." in text
    assert "First course completed Nov. 25, 2026" in text


def test_the_effort_of_others_is_not_shown(client, learner):
    course = a_course_of(VIDEO)
    learn(a_learner(course), course, played([0, 60]))
    enrolled(learner, course)
    text = said(client)
    assert "0 s of learning this week." in text
    assert "First content completed Not yet" in text


@pytest.mark.parametrize("how", ["save", "update_fields", "import"])
def test_a_streak_stays_when_the_learner_moves_to_another_zone(client, learner, how):
    """Late in the evening of Berlin is another day in Auckland, and early morning in New York."""
    course = a_course_of(VIDEO)
    enrolled(learner, course)
    for days in range(8, 0, -1):
        late = (NOW - timedelta(days=days)).replace(hour=0 if days % 2 else 23, minute=30)
        learn(learner, course, played([0, 5]), at=late)
    before = client.get("/").context["streak"]
    assert before.longest == 8
    learner.refresh_from_db()
    learner.time_zone = "Pacific/Auckland"
    if how == "import":
        write([Step((1,), Change.CHANGED, (learner, ("time_zone",), None))], NOW)
    else:
        learner.save(**({"update_fields": ["time_zone"]} if how == "update_fields" else {}))
    assert User.objects.get(pk=learner.pk).earlier_zones[0][0] == "Europe/Berlin"
    assert client.get("/").context["streak"].longest == 8
