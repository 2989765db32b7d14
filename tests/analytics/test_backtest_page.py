"""The page about the risk model: its measures, and who to call."""

import pytest
from django.test import Client

from analytics.facts.risk.active_model import active
from analytics.models import RiskModel, RiskValidation
from tests.factories import NOON, a_course, a_user
from tests.support.admin import a_staff_member
from tests.support.risk import a_week, show_scores

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/insight/risk/"


@pytest.fixture
def window():
    client = Client()
    client.force_login(a_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def measured():
    metrics = {"passages": 321, "auc": 0.8, "weeks": [a_week(n) for n in (1, 2, 3)]}
    RiskModel.objects.filter(pk=active(NOON).pk).update(metrics=metrics)


def test_it_shows_what_was_measured(window, measured):
    page = window.get(ADDRESS).content.decode()
    assert "321 finished enrolments" in page
    assert "Is 70 really 70?" in page
    assert '<td class="number">0.80</td>' in page


@pytest.mark.parametrize(
    ("aucs", "answer"),
    [
        ([0.8, 0.7, None], "the score identifies the right one in 75 of 100 cases."),
        (
            [0.42, 0.62, 0.3],
            "In weeks 1, 3 of a course, risk is predicted hardly better than by chance",
        ),
        (
            [0.42, 0.62, None],
            "In week 1 of a course, risk is predicted hardly better than by chance",
        ),
        (
            [0.42, 0.5, None],
            "Risk is predicted hardly better than by chance here: don&#x27;t decide",
        ),
        ([None, None, None], "Nothing can be said yet about how well risk is predicted."),
    ],
)
def test_the_first_line_says_whether_to_call_by_it(window, aucs, answer):
    weeks = [a_week(number) | {"auc": auc} for number, auc in enumerate(aucs, start=1)]
    metrics = {"passages": 321, "auc": 0.5, "weeks": weeks}
    RiskModel.objects.filter(pk=active(NOON).pk).update(metrics=metrics)
    page = window.get(ADDRESS).content.decode()
    assert answer in page
    assert "manage.py train_risk trains one on your own" in page
    RiskModel.objects.update(version="own-1")
    assert "trains one on your own" not in window.get(ADDRESS).content.decode()


def test_no_figure_of_fewer_than_five_is_shown(window):
    few = a_week(1) | {"learners": 4}
    week = a_week(2)
    week["reliability"] = [
        {"learners": count, "predicted": 0.5, "seen": 0.5} for count in (3, 40, 8, 49)
    ]
    for row, called in zip(week["thresholds"], (97, 60, 57, 50, 40, 9, 6, 2, 0), strict=True):
        row["called"] = called
    RiskModel.objects.filter(pk=active(NOON).pk).update(
        metrics={"passages": 9, "auc": 0.8, "weeks": [few, week]}
    )
    shown = window.get(ADDRESS).context["backtest"]
    assert [each["week"] for each in shown.weeks] == [2]
    assert [row["seen"] for row in shown.reliability] == [None, 50, 50, 50]
    shown_starts = [row.start for row in shown.thresholds if row.precision is not None]
    assert shown_starts == [10, 20, 30, 40, 50, 60, 70]
    assert all((row.recall is None) == (row.precision is None) for row in shown.thresholds)


@pytest.mark.parametrize(("calls", "first"), [("100", 100), ("49", 20), ("25", 20), ("2", 2)])
def test_it_advises_to_call_by_rank(window, measured, calls, first):
    shown = window.get(ADDRESS, {"week": 2, "calls": calls}).context["backtest"]
    assert [row.start for row in shown.ranks if row.is_advised] == [first]
    assert not any(row.is_advised for row in shown.thresholds)
    assert "the learner with the highest risk first" in shown.advice


def test_where_ranking_is_hardly_better_than_chance_it_advises_another_way(window):
    week = a_week(1) | {"auc": 0.55}
    RiskModel.objects.filter(pk=active(NOON).pk).update(metrics={"passages": 9, "weeks": [week]})
    shown = window.get(ADDRESS, {"calls": 20}).context["backtest"]
    assert "call those who are behind and silent" in shown.advice
    assert not any(row.is_advised for row in shown.ranks)


@pytest.mark.parametrize(
    ("learners", "calls", "advice"),
    [
        (100, 20, "here those were 20 learners, 20 of a hundred."),
        (100, 1, "here that was 1 learner, 1 of a hundred."),
        # However low the risks are, and however few can be called, someone is.
        (7, 1, "here that was 1 learner, 1 of a hundred."),
        (7, 100, "here those were 7 learners, 100 of a hundred."),
    ],
)
def test_it_never_advises_to_call_no_one(window, learners, calls, advice):
    week = a_week(1) | {"learners": learners, "auc": 0.8}
    for row in week["thresholds"]:
        row["called"] = 0
    metrics = {"passages": 321, "auc": 0.8, "weeks": [week]}
    RiskModel.objects.filter(pk=active(NOON).pk).update(metrics=metrics)
    page = window.get(ADDRESS, {"calls": calls})
    assert page.context["backtest"].advice.endswith(advice)
    assert advice in page.content.decode()


def test_measures_of_an_earlier_release_have_no_ranks(window):
    week = a_week(1)
    del week["ranks"]
    RiskModel.objects.filter(pk=active(NOON).pk).update(metrics={"passages": 9, "weeks": [week]})
    page = window.get(ADDRESS)
    assert (page.status_code, page.context["backtest"].ranks) == (200, [])


# --- where scores are shown ---------------------------------------------------------------------
def an_instructor_of(course) -> Client:
    person = a_staff_member("view_courseprogress")
    course.instructors.add(person)
    client = Client()
    client.force_login(person)
    return client


def test_instructors_see_where_scores_of_their_courses_are_shown():
    course, other = a_course(title="Mine"), a_course(title="Theirs")
    show_scores(weeks=(3, 4))
    RiskValidation.objects.filter(course=course, week=4).update(
        verdict="not_ranked", is_chosen=False, auc=0.51, auc_low=0.4
    )
    page = an_instructor_of(course).get(ADDRESS)
    shown = page.context["validated"]
    assert [(row.course, row.week, row.is_shown) for row in shown.weeks] == [
        ("Mine", 3, True),
        ("Mine", 4, False),
    ]
    text = page.content.decode()
    assert "You can call by the risk score where it is shown, in 1 of 1 courses." in text
    assert "the right one in 80 of 100 cases, and it was off by 5 points on average" in text
    assert "rank rightly" in text
    assert other.title not in text
    assert page.context["backtest"] is None and "Who to call" not in text


def test_where_nothing_is_validated_it_says_not_to_call_by_it():
    page = an_instructor_of(a_course()).get(ADDRESS).content.decode()
    assert "call by a risk score: in none of your courses" in page
    assert "No enrolment that was predicted has ended yet." in page


def test_it_says_for_whom_the_shipped_model_is_off():
    active(NOON)
    client = an_instructor_of(a_course())
    assert "with a disability" in client.get(ADDRESS).content.decode()
    RiskModel.objects.update(version="own-1")
    assert "with a disability" not in client.get(ADDRESS).content.decode()


def test_of_too_few_outcomes_no_measure_is_shown():
    course = a_course()
    show_scores(weeks=(3,))
    RiskValidation.objects.update(verdict="too_few", is_chosen=False, outcomes=4)
    (row,) = an_instructor_of(course).get(ADDRESS).context["validated"].weeks
    assert (row.auc, row.auc_low, row.calibration_error) == (None, None, None)
    assert row.label == "Too few have ended"


def test_a_model_that_is_no_longer_used_says_nothing():
    course = a_course()
    show_scores(weeks=(3,))
    RiskModel.objects.update(is_active=False)
    assert an_instructor_of(course).get(ADDRESS).context["validated"].weeks == []


@pytest.mark.parametrize("typed", ["", "x", "-1", "999999", "٣", "²"])
def test_whatever_is_typed_opens_a_page(window, measured, typed):
    assert window.get(ADDRESS, {"week": typed, "calls": typed}).status_code == 200


def test_without_a_past_it_says_so(window):
    assert "Nothing has been measured yet" in window.get(ADDRESS).content.decode()


def test_only_people_who_may_see_progress_open_it(window):
    client = Client()
    client.force_login(a_staff_member("view_course"))
    assert client.get(ADDRESS).status_code == 403
    assert ADDRESS not in client.get("/admin/").content.decode()
    assert ADDRESS in window.get("/admin/").content.decode()
