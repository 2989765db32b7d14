"""Curves, hotspots and questions: held against counts made by hand and a textbook's formula."""

import random
from statistics import correlation

import pytest
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from analytics.facts.rollups import folding
from analytics.models import ContentCurve, ContentEdition, ContentReach, QuestionRollup
from analytics.query import attempts, charts, curves, quiz
from analytics.query.figures import change, share
from analytics.query.filters import filters_from
from analytics.site.course_enrollments import distribution, enrollment_groups, time_to_complete
from progress.jobs import Run
from progress.models import CourseProgress
from tests.factories import NOON, a_course_of, content
from tests.support.admin import VIDEO, a_staff_member
from tests.support.dashboards import a_group
from tests.support.learners import DAY, an_instructor_of, fail, learn, pass_quiz, someone
from tests.support.reports import in_api


def counts(**given) -> curves.Counts:
    """A video of a hundred seconds that ten learners saw once, but for what is given."""
    flat = [0] * 100
    usual = {"kind": "media", "learners": 10, "finished": 10, "seen": [10] * 100}
    usual |= {"viewers": [10] * 100, "replayers": flat, "drop_offs": flat}
    usual |= {"seek_in": flat, "seek_out": flat}
    return curves.Counts(**(usual | {"pauses": flat, "dwell_ms": []} | given))


def at(second: int, count: int, base: int = 0) -> list[int]:
    return [base + count if place == second else base for place in range(100)]


def texts(of: curves.Counts) -> list[tuple]:
    return [(hotspot.text, hotspot.second) for hotspot in curves.elsewhere(of)]


def test_rows_are_added_place_by_place():
    assert curves.added([[1, 2], [10, 20, 30, 40]], 3) == [11, 22, 30]


def replayed(learners: int) -> curves.Counts:
    return counts(replayers=[learners if 40 <= place < 50 else 0 for place in range(100)])


def test_the_passage_that_most_replay_is_found():
    passage = curves.replayed_most(replayed(5))
    assert passage == curves.Passage(40, 50)
    shown = passage.hotspot(50)
    assert shown == curves.Hotspot("50 % of those who watched 0:40–0:50 replayed it.", 40)


def test_one_who_plays_a_passage_over_and_over_is_one():
    seen = [10 + (99 if place < 10 else 0) for place in range(100)]
    assert curves.replayed_most(counts(seen=seen, replayers=[1] * 10 + [0] * 90)) is None


def test_a_little_replaying_is_not_worth_a_word():
    assert curves.replayed_most(replayed(1)) is None


def test_pages_are_read_and_not_replayed():
    of_pages = counts(kind="pages", seen=[900] * 100, replayers=[])
    assert (curves.replayed_most(of_pages), of_pages.replays) == (None, [])
    drawn = curves.drawing(of_pages)
    assert (drawn.heads, drawn.area_label, drawn.line) == (
        ["Readers", "Left for good"],
        "Readers",
        None,
    )
    assert (drawn.axis.top, drawn.table[0]) == (10, ("page 1", [10, 0]))
    assert drawn.area.line.startswith("M0 0 V0 H7.2 V0")


def test_where_most_leave_and_pause_is_shown():
    shown = texts(counts(drop_offs=at(62, 6), pauses=at(7, 9)))
    assert shown == [
        ("6 of the 6 who left it unfinished left at 0:53–1:03.", 53),
        ("100 % of all pauses are at 0:00–0:10.", 0),
    ]


def test_nothing_is_shown_of_fewer_than_five():
    assert texts(counts(learners=4, drop_offs=at(62, 6))) == []
    four = counts(learners=4, viewers=[4] * 100, replayers=[4] * 100)
    assert curves.replayed_most(four) is None
    assert texts(counts(drop_offs=at(62, 4))) == []


def test_pages_are_named_by_their_number_and_cannot_be_played():
    shown = texts(counts(kind="pages", drop_offs=at(2, 8)))
    assert shown == [("8 of the 8 who left it unfinished left at page 3.", None)]


def test_the_table_behind_a_curve_keeps_every_event():
    pauses = [random.Random(place).randint(0, 3) for place in range(100)]
    drawn = curves.drawing(counts(pauses=pauses, drop_offs=at(99, 7)))
    assert len(drawn.table) <= 60
    columns = [dict(zip(drawn.heads, values, strict=True)) for _, values in drawn.table]
    assert sum(column["Paused"] for column in columns) == sum(pauses)
    assert sum(column["Left for good"] for column in columns) == 7
    assert [track.total for track in drawn.tracks] == [7, sum(pauses)]


def test_a_long_video_is_drawn_with_the_highest_of_each_few_seconds():
    points = charts.sampled([9 if place == 7001 else 1 for place in range(7200)])
    assert len(points) == charts.MAX_POINTS and max(points) == 9 and points.count(9) == 1


def test_a_curve_spans_the_whole_drawing():
    drawn = charts.curve([1, 2], 2)
    assert drawn.line == "M0 70 L180 70 L540 0 L720 0"
    assert charts.curve([], 0) == charts.Curve("", "")


def test_something_is_never_drawn_as_nothing():
    bars = charts.bars([("a", 1_000_000, "much"), ("b", 1, "little"), ("c", 0, "none")])
    assert [bar.height > 0 for bar in bars.bars] == [True, True, False]
    assert charts.bars([("a", 0, "none")]) is None


@pytest.mark.django_db
def test_the_months_of_the_newest_edition_are_added_up(course):
    video = content(course, "c1")
    old, new = (
        ContentEdition.objects.create(
            content=video, since=since, media_version=1, kind="media", extent=3000, buckets=3
        )
        for since in (None, NOON)
    )
    ContentReach.objects.create(edition=old, learners=99, viewers=[99, 99, 99])
    ContentReach.objects.create(edition=new, learners=6, viewers=[6, 5, 4], drop_offs=[1, 1])
    for month, seen in (("2026-04-01", [6, 5, 4]), ("2026-05-01", [1, 1, 2])):
        ContentCurve.objects.create(edition=new, session_month=month, seen=seen)
    assert curves.edition_of(video) == new
    found = curves.counts_of(new)
    assert (found.learners, found.seen, found.replays) == (6, [7, 6, 6], [1, 1, 2])
    assert found.drop_offs == [1, 1, 0]


def of(course, **asked):
    return filters_from(QueryDict(urlencode(asked)), {course.pk: course.title}, has_course=False)


WRONG_KEY = "Those who know the rest get it wrong: is its answer key right?"


# --- Questions -----------------------------------------------------------------------------------
def rollup(answers: list[tuple[int, int]], **given) -> QuestionRollup:
    """Of (right or not, how many of the others right), as the rollup keeps them."""
    return QuestionRollup(
        first_answers=len(answers),
        first_right=sum(right for right, _ in answers),
        first_rest=sum(rest for _, rest in answers),
        first_rest_squared=sum(rest * rest for _, rest in answers),
        first_right_rest=sum(right * rest for right, rest in answers),
        **given,
    )


@pytest.mark.parametrize("seed", range(5))
def test_discrimination_is_the_correlation_with_the_rest(seed):
    chance = random.Random(seed)
    answers = [(chance.randint(0, 1), chance.randint(0, 9)) for _ in range(40)]
    right, rest = zip(*answers, strict=True)
    assert quiz.discrimination(rollup(answers)) == pytest.approx(correlation(right, rest))


def test_there_is_no_discrimination_when_all_answer_alike():
    assert quiz.discrimination(rollup([(1, 3), (1, 5)])) is None
    assert quiz.discrimination(rollup([(1, 3), (0, 3)])) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "said", "percent"),
    [
        ([(1, 9)] * 3 + [(0, 1)] * 7, "Hard", 30),
        ([(1, 9)] * 6 + [(0, 1)] * 4, "Works", 60),
        ([(1, 1)] * 6 + [(0, 9)] * 4, WRONG_KEY, 60),
        ([(1, 5), (0, 4), (1, 4), (0, 5), (1, 4)] * 2, "Separates learners poorly", 60),
        ([(1, 5)] * 10, "Nearly everybody knows", 100),
        ([(1, 5)] * 4, "Too few answers yet", None),
    ],
)
def test_a_question_is_judged_in_a_word(answers, said, percent, course):
    question = content(course, "c2").questions.get()
    made = rollup(answers, question=question, content_id=question.content_id, seconds=[0, 1, 9])
    made.save()
    (item,) = quiz.items(question.content, of(course))
    assert (item.verdict, item.right_percent) == (said, percent)
    assert item.seconds == ("2 s" if percent is not None else "")


@pytest.mark.django_db
def test_attempts_are_shown_by_their_number_and_the_wrong_choice_by_its_words(course):
    quiz_ = content(course, "c2")
    for department, passes in (("Care", 2), ("Care", 0), ("Sales", 1)):
        for _ in range(5):
            person = someone(course, department=department)
            fail(course, person, "c2", times=max(passes - 1, 0) or 3 - passes, ago=2 * DAY)
            if passes:
                pass_quiz(course, person, "c2", ago=DAY)
    shown = [
        (row.label, row.learners, row.passed_percent)
        for row in attempts.by_number(quiz_, of(course))
    ]
    assert shown == [("1", 15, 0), ("2", 15, 33), ("3", 10, 50)]
    sales = attempts.by_number(quiz_, of(course, department="Sales"))
    assert [(row.learners, row.passed_percent, row.score_percent) for row in sales] == [
        (5, 0, 0), (5, 0, 0), (5, 100, 100)
    ]  # fmt: skip
    for _ in range(5):
        pass_quiz(course, someone(course, department="Care"), "c2", ago=DAY)
    question = quiz_.questions.get()
    assert attempts.distractors(quiz_, of(course)) == {question.pk: attempts.Distractor("b", 75)}
    folding.fold_new(Run("fold", timezone.now()))
    (item,) = quiz.items(quiz_, of(course, department="Sales"))
    assert (item.distractor, item.learners) == (attempts.Distractor("b", 100), 20)


@pytest.mark.django_db
def test_of_four_no_attempt_and_no_choice_is_shown(course):
    for _ in range(4):
        fail(course, someone(course), "c2", times=1, ago=DAY)
    quiz_ = content(course, "c2")
    (row,) = attempts.by_number(quiz_, of(course))
    assert row == attempts.AttemptSummary("1", 4, None, None, "–")
    assert attempts.distractors(quiz_, of(course)) == {}


# --- Figures -------------------------------------------------------------------------------------
def test_time_to_complete_is_hidden_for_fewer_than_five():
    day = 86_400_000_000  # microseconds
    done = a_group(took=[each * day for each in (0, 6, 7, 20)])
    assert time_to_complete([done]) is None
    bars = time_to_complete([done, a_group(took=[400 * day])])
    assert [bar.text for bar in bars.bars[:3]] == ["2", "1", "1"]
    assert len(bars.bars) == 26 and bars.bars[-1].text == "1"


@pytest.mark.django_db
def test_how_far_they_are_never_rounds_up(course):
    for bp in (0, 3, 2499, 9999, 10_000):
        own = CourseProgress.objects.filter(user=someone(course, department=str(bp % 2)))
        own.update(completion_bp=bp, completed_at=timezone.now() if bp == 10_000 else None)
    filters = filters_from(QueryDict(), {course.pk: course.title})
    shown = distribution(enrollment_groups(filters, timezone.now()))
    assert {bar.label: bar.text for bar in shown.bars} == {
        "0 %": "1", "1–24 %": "2", "25–49 %": "0", "50–74 %": "0", "75–99 %": "1", "100 %": "1",
    }  # fmt: skip


def test_changes_are_shown_in_words():
    shown = [change(*pair) for pair in ((5, 5), (5, 0), (15, 10), (5, 10))]
    assert shown == [
        "same as before",
        "none before",
        "+50 % compared with before",
        "−50 % compared with before",
    ]
    assert (share(999, 1000), share(0, 0)) == (99, 0)


# --- For programs --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_curve_is_there_for_programs_from_five_learners_on(course):
    teacher = an_instructor_of(course)
    address = f"/api/analytics/contents/{content(course, 'c1').pk}/curve/"
    for number in range(5):
        learn(course, someone(course), ago=DAY)
        folding.fold_new(Run("fold", timezone.now()))
        shown = in_api(teacher).get(address).json()
        assert (shown["learners"], shown["buckets"]) == (number + 1, 60)
        assert (shown["viewers"] is None) == (number < 4)
    assert shown["viewers"] == [5] * 30 + [0] * 30
    assert sum(shown["replays"]) == 0 and sum(shown["drop_offs"]) == 5
    assert shown["replayers"] == [0] * 60
    other = an_instructor_of(a_course_of(VIDEO))
    assert in_api(other).get(address).status_code == 404
    assert in_api(a_staff_member("view_course")).get(address).status_code == 403
