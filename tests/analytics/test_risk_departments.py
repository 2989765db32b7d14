"""Whether scores are as right in one department as in another: what the page says of a simulated
organisation is what happened in it, and nothing else is counted."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client

from analytics.facts.risk import active_model, scoring, validating
from analytics.models import RiskByDepartment, RiskModel, RiskPrediction, RiskScore, RiskSource
from analytics.risk.departments import Departments, Sums, compared, departments
from progress.ingest.enrolling import enroll
from progress.jobs import Run
from progress.models import User
from tests.factories import NOON, a_course, a_user
from tests.support import rhythms
from tests.support.admin import a_staff_member
from tests.support.rhythms import DAYS, CohortOfLearners

pytestmark = pytest.mark.django_db
PAGE = "/admin/insight/risk/"
LEARNERS = 140
LOOKED_AT = (24.5, 38.5, 52.5)
APART = timedelta(days=DAYS + 5)
OVER = NOON + timedelta(days=61)


# --- a simulated organisation --------------------------------------------------------------------
def lives_through(course, number: int, stopped: dict[str, float]) -> dict[str, list[float]]:
    """A cohort of departments that study alike; of each, a share of those who would complete never
    do the last content. By department, of each enrolment that had a score its mean score less the
    outcome."""
    chance = np.random.default_rng(200 + number)
    behaviour = rhythms.semester(chance, LEARNERS)
    department = np.arange(LEARNERS) % len(stopped)
    stops = chance.uniform(size=LEARNERS) < np.array(list(stopped.values()))[department]
    behaviour.done[stops, -1] = np.nan
    cohort = CohortOfLearners(course, behaviour, NOON + number * APART)
    for at, name in enumerate(stopped):
        people = [cohort.enrollments[each].user_id for each in np.flatnonzero(department == at)]
        User.objects.filter(pk__in=people).update(department=name)
    seen = defaultdict(list)
    for day in LOOKED_AT:
        now = cohort.live_until(day)
        scoring.score_all(now, run=Run("test", now))
        scores = RiskScore.objects.filter(enrollment__in=cohort.failed()).exclude(score=None)
        for key, score in scores.values_list("enrollment_id", "score"):
            seen[key].append(score / 100)
    validating.learn(cohort.live_until(DAYS) + timedelta(days=1))
    departments_of = dict(User.objects.values_list("pk", "department"))
    failed = cohort.failed()
    found = defaultdict(list)
    for each in cohort.enrollments:
        if seen[each.pk]:
            found[departments_of[each.user_id]].append(np.mean(seen[each.pk]) - failed[each.pk])
    return found


def an_organisation(stopped: dict[str, float], *, cohorts: int):
    """What the page says, and what happened."""
    course = rhythms.a_course_of_ten()
    happened = defaultdict(list)
    for number in range(cohorts):
        for name, off in lives_through(course, number, stopped).items():
            happened[name] += off
    return departments([course.pk]), happened


def test_where_more_of_a_department_fail_than_others_who_study_alike_the_page_says_so():
    found, happened = an_organisation({"Care": 0.6, "Office": 0.0}, cohorts=4)
    care, office = found.rows
    assert (care.department, office.department) == ("Care", "Office")
    for row in found.rows:
        assert row.outcomes == len(happened[row.department]) >= 50
        assert row.off == pytest.approx(100 * np.mean(happened[row.department]), abs=1)
        assert row.differs and row.is_named
    assert (care.label, care.is_off) == ("Too low", True)
    assert (office.label, office.is_off) == ("Too high", True)
    assert f"Care ({-care.off} too low)" in found.summary
    assert f"Office ({office.off} too high)" in found.summary
    assert "In 2 of 2 departments" in found.summary


@pytest.mark.parametrize("stopped", [0.0, 0.6])
def test_departments_that_are_alike_are_not_named(stopped):
    """Neither where scores are right, nor where in all of them more fail than before."""
    names = ("Care", "Kitchen", "Office", "Ward")
    found, happened = an_organisation(dict.fromkeys(names, stopped), cohorts=4)
    assert [row.department for row in found.rows] == list(names)
    for row in found.rows:
        assert row.outcomes == len(happened[row.department]) >= 50
        assert row.differs is False and not row.is_named
        assert row.department not in found.summary
    assert "Don't compare" not in found.summary


# --- many departments ----------------------------------------------------------------------------
def drawn(chance: np.random.Generator, name: str, *, off: float = 0.0, learners: int = 200) -> Sums:
    """Learners of a department who fail as often as their scores say, less `off`."""
    scores = chance.uniform(0.15, 0.85, learners)
    failed = chance.uniform(size=learners) < scores - off
    squares = ((scores - failed) ** 2).sum()
    return Sums(name, learners, int(failed.sum()), float(scores.sum()), float(squares))


def organisations(number: int, departments_each: int, off: float) -> list[Departments]:
    """Whose departments are alike."""
    chance = np.random.default_rng(31)
    return [
        compared([drawn(chance, f"d{each}", off=off) for each in range(departments_each)])
        for _ in range(number)
    ]


@pytest.mark.parametrize("off", [0.0, 0.12, -0.12])
def test_of_many_departments_that_are_alike_none_is_named_by_chance(off):
    """Of 400 organisations with twelve departments, at most as many name one as the page says."""
    found = organisations(400, 12, off)
    named = [each for each in found if any(row.is_named for row in each.rows)]
    assert len(named) <= 0.05 * 400
    for each in found:
        assert ("Don't compare" in each.summary) == (each in named)
    if off:
        words = "too high" if off > 0 else "too low"
        assert sum(f"points {words}" in each.summary for each in found) >= 0.95 * 400
        # Each on its own is clearly off; that is no reason to name it.
        assert np.mean([row.is_off for each in found for row in each.rows]) > 0.5


@pytest.mark.parametrize(("off", "words"), [(0.2, "too high"), (-0.2, "too low")])
def test_a_department_that_is_different_is_named_among_many(off, words):
    chance = np.random.default_rng(32)
    only_it = 0
    for _ in range(100):
        others = [drawn(chance, f"d{each}", learners=400) for each in range(11)]
        found = compared([*others, drawn(chance, "Care", off=off, learners=400)])
        named = [row.department for row in found.rows if row.is_named]
        assert "Care" in named and words in found.summary
        assert found.summary.startswith(f"In {len(named)} of 12 departments")
        only_it += named == ["Care"]
    assert only_it >= 90


def test_a_department_without_others_is_compared_with_what_happened_alone():
    chance = np.random.default_rng(33)
    care, few = drawn(chance, "Care", off=0.2), drawn(chance, "Office", learners=30)
    (alone,) = compared([care]).rows
    assert alone.is_named and alone.differs is None
    assert compared([care, few]).rows[0] == alone  # of thirty nothing is known
    assert compared([]) is None


# --- what is counted -----------------------------------------------------------------------------
def predicted(course, department="Care", *, weeks=(3,), risk=0.5, failed=False, **changes):
    """An enrolment with a prediction in each of these weeks."""
    person = a_user(department=department, is_test=changes.pop("is_test", False))
    enrollment = enroll(person.pk, course.pk, now=NOON, due_at=NOON + timedelta(days=60)).enrollment
    row = {
        "source": RiskSource.BASE,
        "base_id": active_model.active(NOON).pk,
        "predicted_at": NOON + timedelta(days=20),
        "is_shown": True,
        "has_failed": failed,
    }
    RiskPrediction.objects.bulk_create(
        RiskPrediction(
            enrollment=enrollment,
            user_id=person.pk,
            course=course,
            week=week,
            risk=min(risk + week / 100, 1.0),
            **(row | changes),
        )
        for week in weeks
    )


def measured(now=OVER):
    validating.validate(active_model.active(NOON).pk, now)
    return list(RiskByDepartment.objects.order_by("course", "department"))


def test_each_enrolment_counts_once_with_its_mean_score():
    course = a_course()
    predicted(course, weeks=(1, 2, 3), risk=0.4, failed=True)
    predicted(course, weeks=(2,), risk=0.1)
    (row,) = measured()
    assert (row.department, row.enrollments, row.failed) == ("Care", 2, 1)
    assert row.predicted == pytest.approx(0.42 + 0.12)
    assert row.squares == pytest.approx(0.58**2 + 0.12**2)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_shown": False},
        {"failed": None},
        {"predicted_at": OVER - timedelta(days=366)},
        {"department": ""},
        {"is_test": True},
    ],
)
def test_nothing_else_is_counted(changes):
    predicted(a_course(), **changes)
    assert measured() == []


def test_predictions_of_an_earlier_model_are_not_counted():
    course = a_course()
    predicted(course)
    old = RiskModel.objects.create(version="old", document={}, trained_at=NOON)
    predicted(course, base_id=old.pk)
    (row,) = measured()
    assert row.enrollments == 1
    RiskModel.objects.update(is_active=False)
    assert departments([course.pk]) is None


def test_a_second_night_replaces_the_first():
    course = a_course()
    predicted(course)
    measured()
    predicted(course, failed=True)
    (row,) = measured()
    assert (row.enrollments, row.failed) == (2, 1)


# --- what is said --------------------------------------------------------------------------------
def stored(course, department="Care", *, enrollments=100, failed=50, predicted=50.0, squares=20.0):
    RiskByDepartment.objects.create(
        course=course,
        department=department,
        enrollments=enrollments,
        failed=failed,
        predicted=predicted,
        squares=squares,
        base_id=active_model.active(NOON).pk,
        measured_at=NOON,
    )


@pytest.mark.parametrize(
    ("failed", "predicted", "label", "off"),
    [
        (50, 50.0, "Within 3 points", 0),
        (50, 52.9, "Within 3 points", 3),
        (50, 56.0, "Off by more than 3 points, which may be chance", 6),
        (50, 65.0, "Too high", 15),
        (70, 50.0, "Too low", -20),
    ],
)
def test_what_is_said_of_a_department(failed, predicted, label, off):
    course = a_course()
    stored(course, failed=failed, predicted=predicted)
    found = departments([course.pk])
    (row,) = found.rows
    assert (row.label, row.off, row.predicted, row.seen) == (label, off, round(predicted), failed)
    assert row.low <= row.off <= row.high
    assert row.is_off == (label in ("Too high", "Too low"))
    assert ("In 1 of 1 department, scores were too high or too low" in found.summary) == row.is_off


def test_of_fewer_than_fifty_no_figure_is_shown():
    course = a_course()
    stored(course, enrollments=49, failed=1)
    found = departments([course.pk])
    (row,) = found.rows
    assert (row.label, row.outcomes) == ("Too few have ended", 49)
    assert (row.predicted, row.seen, row.off, row.low, row.high) == (None,) * 5
    assert "isn't known yet" in found.summary


def test_courses_are_added_up_and_only_those_asked_for():
    one, other, third = a_course(), a_course(), a_course()
    stored(one, enrollments=30, failed=10, predicted=9.0, squares=6.0)
    stored(other, enrollments=30, failed=20, predicted=21.0, squares=6.0)
    stored(third, enrollments=900, failed=0, predicted=800.0, squares=800.0)
    (row,) = departments([one.pk, other.pk]).rows
    assert (row.outcomes, row.predicted, row.seen, row.off) == (60, 50, 50, 0)


# --- who reads it --------------------------------------------------------------------------------
def test_instructors_read_it_about_their_own_courses():
    mine, theirs = a_course(), a_course()
    stored(mine, "Care", failed=80)
    stored(theirs, "Office")
    person = a_staff_member("view_courseprogress")
    mine.instructors.add(person)
    client = Client()
    client.force_login(person)
    page = client.get(PAGE)
    assert [row.department for row in page.context["departments"].rows] == ["Care"]
    text = page.content.decode()
    assert "Care (30 too low)" in text and "Office" not in text


def test_without_departments_nothing_is_said_of_them():
    client = Client()
    client.force_login(a_user(is_staff=True, is_superuser=True))
    page = client.get(PAGE)
    assert page.context["departments"] is None
    assert "By department" not in page.content.decode()
