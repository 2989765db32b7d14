"""What a completion elsewhere fulfils, where it is shown, and what it leaves as it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.compliance.obligation_state import ObligationState
from analytics.models import Alert
from connections.events import due_dates
from connections.models import Event
from progress.models import Enrollment, OutsideCompletion
from tests.factories import a_course_of, a_user
from tests.support.admin import VIDEO, text_of
from tests.support.alerts import watch
from tests.support.compliance import look_after, required, states
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, complete, someone
from tests.support.outside import elsewhere, withdrawn
from tests.support.reports import API, in_api, rows_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/insight/compliance/"
TODAY = timezone.localdate


@pytest.fixture
def course():
    return a_course_of(VIDEO, A_QUIZ, title="Fire safety")


@pytest.fixture
def teacher(course):
    return an_instructor_of(course)


def late(person):
    Enrollment.objects.filter(user=person).update(due_at=timezone.now() - DAY)
    return person


# --- Requirements --------------------------------------------------------------------------------
def test_a_requirement_is_fulfilled_until_the_validity_ends(course):
    lena = late(someone(course, full_name="Lena"))
    requirement = required(course)
    assert states(requirement) == {"Lena": ObligationState.OVERDUE}
    made = elsewhere(course, lena, valid_until=TODAY() + 10 * DAY)
    assert states(requirement) == {"Lena": ObligationState.COMPLETE}
    now = timezone.now()
    assert states(requirement, now + 10 * DAY) == {"Lena": ObligationState.COMPLETE}
    assert states(requirement, now + 11 * DAY) == {"Lena": ObligationState.EXPIRED}
    assert states(requirement, now - 40 * DAY) == {"Lena": ObligationState.OPEN}
    withdrawn(made)
    assert states(requirement) == {"Lena": ObligationState.OVERDUE}


def test_it_counts_without_an_enrolment_and_for_its_course_only(course):
    ida = a_user(full_name="Ida")
    other = a_course_of(VIDEO, title="Heights")
    elsewhere(course, ida)
    assert states(required(course)) == {"Ida": ObligationState.COMPLETE}
    assert states(required(other)) == {"Ida": ObligationState.OVERDUE}


def test_the_page_and_the_reports_show_it_as_such(sign_in, course, teacher):
    lena = late(someone(course, full_name="Lena"))
    complete(course, someone(course, full_name="Omar"), timezone.now())
    late(someone(course, full_name="Zoe"))
    required(course)
    elsewhere(course, lena, reference="RC-1", valid_until=TODAY() + 10 * DAY)
    window = sign_in(teacher)
    text = text_of(window.get(PAGE))
    assert "1 of 3 people is late" in text and "66 % 1 elsewhere" in text
    [line] = in_api(teacher).get("/api/analytics/compliance/").json()["requirements"]
    assert (line["complete"], line["complete_outside"]) == (2, 1)
    rows = rows_of(window.get("/admin/insight/reports/obligations/csv/"))
    assert {row["person"]: (row["state"], row["basis"]) for row in rows} == {
        "Lena": ("Complete", "Attended in person: Red Cross"),
        "Omar": ("Complete", "Tracked here"),
        "Zoe": ("Overdue", ""),
    }
    [row] = rows_of(window.get("/admin/insight/reports/outside-completions/csv/"))
    assert (row["person"], row["state"], row["reference"]) == ("Lena", "Valid", "RC-1")
    for ending in ("xlsx", "pdf"):
        answer = window.get(f"/admin/insight/reports/outside-completions/{ending}/")
        assert b"".join(answer.streaming_content)
    learners = rows_of(window.get("/admin/insight/reports/learners/csv/"))
    flags = {row["learner"]: row["completed_elsewhere"] for row in learners}
    assert flags == {"Lena": "True", "Omar": "False", "Zoe": "False"}


def test_the_record_of_a_day_has_both_in_the_order_of_names(sign_in, course, teacher):
    now = timezone.now()
    complete(course, someone(course, full_name="Lena", enrolled_ago=90 * DAY), now - 60 * DAY)
    ida = a_user(full_name="Ida")
    made = elsewhere(course, ida, days_ago=70, valid_until=TODAY() - 20 * DAY)
    zoe = elsewhere(course, someone(course, full_name="Zoe"), days_ago=50)
    withdrawn(zoe, now=now)

    def held(days_ago):
        address = f"{API}record/?until={(now - days_ago * DAY).date()}"
        rows = in_api(teacher).get(address).json()["results"]
        return [(row["person"], row["held"], row["basis"]) for row in rows]

    theirs, ours = "Attended in person: Red Cross", "Tracked here"
    assert held(80) == []
    assert held(65) == [("Ida", True, theirs)]
    assert held(30) == [("Ida", True, theirs), ("Lena", True, ours), ("Zoe", True, theirs)]
    assert held(0) == [("Ida", False, theirs), ("Lena", True, ours), ("Zoe", False, theirs)]
    rows = in_api(teacher).get(f"{API}record/").json()["results"]
    [row] = [each for each in rows if each["person"] == "Ida"]
    assert row["completed_at"][:10] == str(made.completed_on) and row["cycle"] is None
    part = in_api(teacher).get(f"{API}record/?page_size=2&page=2").json()
    assert (part["count"], [row["person"] for row in part["results"]]) == (3, ["Zoe"])
    file = rows_of(sign_in(teacher).get("/admin/insight/reports/record/csv/"))
    assert sorted(row["person"] for row in file) == ["Ida", "Lena", "Zoe"]


def test_others_completions_are_in_no_report(sign_in, course, teacher):
    other = a_course_of(VIDEO, title="Not yours")
    elsewhere(other, someone(other, full_name="Omar"))
    for slug in ("outside-completions", "record"):
        assert in_api(teacher).get(f"{API}{slug}/").json()["results"] == []


def test_what_ends_within_a_year_is_counted_once_a_person(course, teacher):
    until = (TODAY().replace(day=1) + 65 * DAY).replace(day=10)
    lena, omar, zoe = (someone(course) for _ in range(3))
    elsewhere(course, lena, valid_until=until)
    elsewhere(course, lena, days_ago=60, valid_until=until - DAY)
    elsewhere(course, omar, valid_until=until)
    elsewhere(course, omar, days_ago=60)  # for good
    withdrawn(elsewhere(course, zoe, valid_until=until))
    [row] = in_api(teacher).get("/api/analytics/compliance/").json()["expiries"]
    assert (row["month"], row["people"]) == (str(until.replace(day=1)), 1)


def test_who_is_fulfilled_is_enrolled_once_it_has_ended(course):
    ida = a_user(full_name="Ida")
    required(course, enrols=True)
    elsewhere(course, ida, valid_until=TODAY() + DAY)
    look_after()
    assert not Enrollment.objects.filter(user=ida).exists()
    look_after(timezone.now() + 3 * DAY)
    assert Enrollment.objects.filter(user=ida).count() == 1


# --- Due dates, alerts, events -------------------------------------------------------------------
def test_nobody_is_overdue_or_asked_after_who_completed_it_elsewhere(sign_in, course, teacher):
    lena, zoe = (late(someone(course, full_name=name)) for name in ("Lena", "Zoe"))
    window = sign_in(teacher)

    def numbers():
        overview = window.get("/admin/").context["overview"]
        figures = {figure.name: figure.amount for figure in overview.figures}
        page = window.get(f"/admin/insight/courses/{course.pk}/?show=overdue").context["reading"]
        shown = {figure.name: figure.amount for figure in page.figures}
        [report] = in_api(teacher).get(f"{API}courses/").json()["results"]
        needs = in_api(teacher).get(f"{API}needs/").json()["count"]
        listed = in_api(teacher).get(f"{API}learners/?status=overdue").json()["count"]
        return (
            figures["overdue"],
            overview.needs,
            shown["overdue"],
            len(page.roster.rows),
            report["overdue"],
            needs,
            listed,
        )

    assert set(numbers()) == {2}
    watch()
    assert Alert.objects.unclosed().filter(user=lena).exists()
    made = elsewhere(course, lena)
    assert set(numbers()) == {1}
    watch()
    assert not Alert.objects.unclosed().filter(user=lena).exists()
    assert Alert.objects.unclosed().filter(user=zoe).exists()
    due_dates.write(timezone.now())
    assert set(
        Event.objects.filter(type="enrollment.overdue").values_list("user_id", flat=True)
    ) == {zoe.pk}
    page = window.get(f"/admin/insight/courses/{course.pk}/?show=outside")
    [row] = page.context["reading"].roster.rows
    assert (row.name, row.percent, row.is_complete, row.due) == ("Lena", 0, False, None)
    assert "Completed elsewhere" in text_of(page)
    withdrawn(made)
    assert set(numbers()) == {2}


def test_figures_of_what_is_tracked_stay(sign_in, course, teacher):
    people = [someone(course) for _ in range(6)]
    for person in people[:3]:
        complete(course, person, timezone.now())
    window = sign_in(teacher)

    def figures():
        page = window.get(f"/admin/insight/courses/{course.pk}/").context["reading"]
        [report] = in_api(teacher).get(f"{API}courses/").json()["results"]
        return [figure.amount for figure in page.figures], report

    before = figures()
    for person in people[3:]:
        elsewhere(course, person)
    assert figures() == before
    assert OutsideCompletion.objects.count() == 3
    assert in_api(teacher).get(f"{API}completions/").json()["count"] == 3


def test_a_learners_page_says_who_recorded_it(sign_in, course, teacher):
    lena = late(someone(course, full_name="Lena"))
    address = f"/admin/insight/courses/{course.pk}/learners/{lena.pk}/"
    window = sign_in(teacher)
    assert "Overdue" in text_of(window.get(address))
    until = TODAY() + timedelta(days=10)
    elsewhere(course, lena, by=a_user(full_name="Ida"), reference="RC-1", valid_until=until)
    text = text_of(window.get(address))
    assert "Completed elsewhere" in text and "Attended in person" in text and "RC-1" in text
    assert "Red Cross" in text and "Recorded by Ida" in text and "Overdue" not in text
    shown = in_api(teacher).get(f"/api/analytics/courses/{course.pk}/learners/{lena.pk}/").json()
    assert shown["outside_completion"]["authority"] == "Red Cross"
    assert shown["outside_completion"]["is_valid"] is True
