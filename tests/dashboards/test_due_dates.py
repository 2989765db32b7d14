"""One due date for each duty, whoever asks; and who has duties at all."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.utils import timezone

from analytics.compliance import escalations, queries
from analytics.compliance.obligation_state import ObligationState
from analytics.models import Requirement
from progress.jobs import Run
from progress.models import Enrollment
from tests.factories import a_course_of, a_user
from tests.support.admin import a_staff_member
from tests.support.compliance import required, states
from tests.support.learners import DAY, an_instructor_of, complete, someone
from tests.support.reports import API, in_api, rows_of

pytestmark = pytest.mark.django_db
REQUIREMENTS = "/api/analytics/requirements/"


def look_after() -> None:
    escalations.run(Run("compliance", timezone.now()))


def due_of(person) -> datetime | None:
    return Enrollment.objects.get(user=person).due_at


def end_of(day) -> datetime:
    return datetime.combine(day, time.max, UTC)


@pytest.mark.parametrize("enrols", [True, False])
@pytest.mark.parametrize("hours", [-200, -1, 1, 30 * 24])
def test_an_extension_by_a_person_stays(course, enrols, hours):
    """However often the job runs, whether the requirement's day is over or not."""
    today = timezone.localdate()
    for number, due_on in enumerate((today - 10 * DAY, today + 10 * DAY)):
        person = someone(course, full_name=f"Lena {number}", department=f"D{number}")
        extended = timezone.now() + timedelta(hours=hours)
        person.enrollments.update(due_at=extended)
        required(course, due_on=due_on, departments=[f"D{number}"], enrols=enrols)
        for _hour in range(2):
            look_after()
        assert due_of(person) == extended


def test_the_board_and_the_dashboards_count_the_same_overdue(sign_in, course):
    """By the enrolment's date where it has one, to the minute; else by the requirement's day."""
    now, today = timezone.now(), timezone.localdate()
    late, extended, early = (someone(course, full_name=n) for n in ("L", "X", "E"))
    someone(course, full_name="P")
    late.enrollments.update(due_at=now - timedelta(minutes=1))
    extended.enrollments.update(due_at=now + 9 * DAY)
    early.enrollments.update(due_at=now + timedelta(minutes=5))
    requirement = required(course, due_on=today - DAY)
    look_after()
    assert states(requirement) == {
        "L": ObligationState.OVERDUE,
        "X": ObligationState.DUE_SOON,
        "E": ObligationState.DUE_SOON,
        "P": ObligationState.OVERDUE,
    }
    window = sign_in(an_instructor_of(course))
    board = {r["person"] for r in rows_of(window.get(f"{PAGE}obligations/csv/?state=overdue"))}
    listed = {r["learner"] for r in rows_of(window.get(f"{PAGE}learners/csv/?status=overdue"))}
    (figure,) = [
        figure
        for figure in window.get("/admin/").context["overview"].figures
        if figure.name == "overdue"
    ]
    assert board == listed == {"L", "P"} and figure.amount == 2


PAGE = "/admin/insight/reports/"


def test_an_enrolment_without_a_date_takes_the_earliest_that_is_required(course):
    today = timezone.localdate()
    lena, done, exempt = (someone(course, full_name=n) for n in ("Lena", "Done", "Left"))
    complete(course, done, timezone.now())
    exempt.enrollments.update(unenrolled_at=timezone.now())
    for days in (30, 12, 20):
        required(course, name=f"{days} days", due_on=today + days * DAY)
    look_after()
    assert due_of(lena) == end_of(today + 12 * DAY)
    assert due_of(done) is due_of(exempt) is None


def test_people_who_left_are_enrolled_again_with_their_previous_date(course):
    person = someone(course)
    extended = timezone.now() + 50 * DAY
    person.enrollments.update(due_at=extended, unenrolled_at=timezone.now())
    required(course, due_on=timezone.localdate() + 5 * DAY, enrols=True)
    look_after()
    enrollment = Enrollment.objects.get(user=person)
    assert enrollment.unenrolled_at is None and enrollment.due_at == extended


@pytest.mark.parametrize("way", ["api", "admin"])
def test_dates_that_a_requirement_gave_move_with_it_and_extended_ones_do_not(way, client, course):
    today = timezone.localdate()
    lena, omar = someone(course), someone(course)
    extended = timezone.now() + 50 * DAY
    omar.enrollments.update(due_at=extended)
    requirement = required(course, due_on=today + 5 * DAY)
    look_after()
    admin = a_user(is_staff=True, is_superuser=True)
    later = today + 15 * DAY
    if way == "api":
        sent = in_api(admin).patch(f"{REQUIREMENTS}{requirement.pk}/", {"due_on": str(later)})
        assert sent.status_code == 200, sent.content
    else:
        client.force_login(admin)
        form = {
            "name": requirement.name,
            "course": course.pk,
            "departments": "",
            "starts_on": str(requirement.starts_on),
            "due_on": str(later),
            "due_days": "",
            "is_active": "on",
            "steps-TOTAL_FORMS": 0,
            "steps-INITIAL_FORMS": 0,
        }
        address = f"/admin/analytics/requirement/{requirement.pk}/change/"
        assert client.post(address, form).status_code == 302
    assert (due_of(lena), due_of(omar)) == (end_of(later), extended)
    off = {"is_active": False}
    assert in_api(admin).patch(f"{REQUIREMENTS}{requirement.pk}/", off).status_code == 200
    assert (due_of(lena), due_of(omar)) == (None, extended)


# --- Who has duties ------------------------------------------------------------------------------
def test_service_accounts_and_those_who_only_teach_or_administer_have_no_duties(course, capsys):
    other = a_course_of({"content_type": "text", "title": "Other"})
    service = a_user(full_name="The company's LMS")
    call_command("create_api_token", service.username)
    by_group, by_right = a_user(full_name="By group"), a_user(full_name="By right")
    right = Permission.objects.get(codename="view_courseprogress")
    group = Group.objects.create(name="Integrators")
    group.permissions.add(right)
    by_group.groups.add(group)
    by_right.user_permissions.add(right)
    other.instructors.add(a_user(full_name="Teaches"))
    a_staff_member("view_course")
    a_user(full_name="Gone", is_active=False)
    # These do, whatever else they are.
    a_user(full_name="Ida").groups.add(Group.objects.create(name="Employees"))
    learner = someone(other, full_name="Teaches and learns")
    other.instructors.add(learner)
    clerk = someone(other, full_name="Writes scripts")
    call_command("create_api_token", clerk.username)
    requirement = required(course)
    people = {"Ida", "Teaches and learns", "Writes scripts"}
    assert set(states(requirement)) == people
    assert queries.count([requirement]) == len(people)
    answer = (
        in_api(a_user(is_staff=True, is_superuser=True)).get("/api/analytics/compliance/").json()
    )
    assert [each["people"] for each in answer["requirements"]] == [len(people)]
    rows = in_api(a_user(is_staff=True, is_superuser=True)).get(f"{API}obligations/").json()
    assert {row["person"] for row in rows["results"]} == people


def test_a_requirement_enrols_only_people_that_it_applies_to(course):
    service = a_user(full_name="The company's LMS")
    call_command("create_api_token", service.username)
    ida = a_user(full_name="Ida")
    Requirement.objects.create(name="All", course=course, enrols=True)
    look_after()
    assert [each.user for each in Enrollment.objects.all()] == [ida]
