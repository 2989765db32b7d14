"""The page about the risk model: its measures, and who to call."""

import pytest
from django.test import Client

from analytics.facts.risk.active_model import active
from analytics.models import RiskModel
from tests.factories import NOON, a_user
from tests.support.admin import a_staff_member
from tests.support.risk import a_week

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
        {"learners": count, "told": 0.5, "seen": 0.5} for count in (3, 40, 8, 49)
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


@pytest.mark.parametrize(("calls", "start"), [("100", 10), ("50", 30), ("25", 60), ("5", 80)])
def test_it_advises_the_threshold_that_reaches_most(window, measured, calls, start):
    shown = window.get(ADDRESS, {"week": 2, "calls": calls}).context["backtest"]
    assert [row.start for row in shown.thresholds if row.is_advised] == [start]
    assert f"a risk of {start} or more" in shown.advice


@pytest.mark.parametrize(
    ("called", "calls", "advice"),
    [
        # 90 would call nobody at all: that is no advice.
        ([90, 70, 50, 40, 30, 20, 10, 5, 0], 4, "call those with the highest risk first, 4 of"),
        ([90, 70, 50, 50, 50, 50, 50, 50, 50], 20, "highest risk first, 20 of a hundred"),
        ([0] * 9, 20, "nobody needs a call"),
        ([12, 3, 0, 0, 0, 0, 0, 0, 0], 20, "a risk of 10 or more"),
        ([40, 3, 0, 0, 0, 0, 0, 0, 0], 20, "a risk of 20 or more"),
    ],
)
def test_it_never_advises_a_threshold_that_calls_no_one(window, called, calls, advice):
    week = a_week(1)
    for row, count in zip(week["thresholds"], called, strict=True):
        row["called"] = count
    metrics = {"passages": 321, "auc": 0.8, "weeks": [week]}
    RiskModel.objects.filter(pk=active(NOON).pk).update(metrics=metrics)
    page = window.get(ADDRESS, {"calls": calls})
    shown = page.context["backtest"]
    assert advice in shown.advice and advice in page.content.decode()
    assert all(row.called > 0 for row in shown.thresholds if row.is_advised)


@pytest.mark.parametrize("typed", ["", "x", "-1", "999999", "٣", "²"])
def test_whatever_is_typed_opens_a_page(window, measured, typed):
    assert window.get(ADDRESS, {"week": typed, "calls": typed}).status_code == 200


def test_without_a_past_it_says_so(window):
    assert "Nothing has been measured yet" in window.get(ADDRESS).content.decode()


def test_only_people_who_see_everything_may_open_it(window):
    client = Client()
    client.force_login(a_staff_member("view_course"))
    assert client.get(ADDRESS).status_code == 403
    assert ADDRESS not in client.get("/admin/").content.decode()
    assert ADDRESS in window.get("/admin/").content.decode()
