"""What a manager is shown depends on the team alone: other people may be there or not."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from analytics.facts.rollups import dropouts, folding
from analytics.models import Alert, RiskScore
from analytics.reporting import registry
from certificates.lifecycle import issuing
from certificates.models import Validity
from progress.jobs import Run
from progress.models import Course, Enrollment, User
from tests.factories import a_course_of, a_user, content
from tests.support.admin import VIDEO
from tests.support.alerts import watch
from tests.support.callers import api, window
from tests.support.compliance import required
from tests.support.dashboards import scored
from tests.support.learners import A_QUIZ, DAY, complete, fail, learn, pass_quiz, someone

pytestmark = pytest.mark.django_db
REPORTS = (
    "courses", "learners", "learner-contents", "needs", "completions", "days", "sessions",
    "skills", "waivers", "engagement-learners", "attempts", "alerts", "obligations", "record",
    "outside-completions",
    "expiries", "forecasts", "due-forecasts",
)  # fmt: skip
CLOSED = (
    "engagement-contents", "engagement-modules", "engagement-courses", "engagement-departments",
    "questions", "scores", "curve", "outreach-effect", "outreach-days", "cost-departments",
    "forecast-coverage",
)  # fmt: skip
LISTS = (
    "alerts/", "alerts/?is_closed=true", "risk/", "letters/", "skills/", "overview/",
    "active/", "compliance/", "reports/", "forecasts/",
)  # fmt: skip
# What differs between two moments, whoever else is there.
MOMENTS = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)|\d\d:\d\d(:\d\d)?|p\.[\w.-]+|value=\"\w{64}\"|token=[\w.:%-]+"
)


@pytest.fixture
def course(db) -> Course:
    found = a_course_of(VIDEO, A_QUIZ | {"skills": ["fire"]}, title="Working at height")
    Validity.objects.create(course=found, months=6)
    return found


@pytest.fixture
def manager(course) -> User:
    """Of five people of one department, one of them indirectly."""
    found = a_user(full_name="Maria Manager")
    deputy = people(course, "Team", manager=found)[0]
    User.objects.filter(username="team-4").update(manager=deputy)
    required(course)
    finish_day()
    return found


def people(course: Course, name: str, **changes) -> list[User]:
    """Five people who did all there is to do, badly and well, and one who never began."""
    found = [
        someone(
            course,
            username=f"{name.lower()}-{n}",
            full_name=f"{name} {n}",
            department="Care",
            **changes,
        )
        for n in range(6)
    ]
    for number, person in enumerate(found[:5]):
        learn(course, person, ago=DAY * (number + 1))
        pass_quiz(course, person, "c2", ago=DAY * 20)
    fail(course, found[0], "c2", times=2, ago=DAY * 19)
    for person in found[3:5]:
        complete(course, person, timezone.now() - 2 * DAY)
        issuing.issue(Enrollment.objects.get(user=person).pk, timezone.now() - 2 * DAY)
    Enrollment.objects.filter(user=found[1]).update(due_at=timezone.now() - DAY)
    scored(Enrollment.objects.get(user=found[2]), 80)
    return found


def finish_day() -> None:
    """The jobs that add up what everybody did."""
    folding.fold_new(Run("fold", timezone.now()))
    dropouts.count(timezone.now())
    watch()


def pages(course: Course) -> list[str]:
    member = User.objects.get(username="team-1")
    return [
        reverse("admin:index"),
        reverse("admin:insight-active"),
        reverse("admin:insight-alerts"),
        reverse("admin:insight-compliance"),
        reverse("admin:insight-forecast"),
        reverse("admin:insight-reports"),
        reverse("admin:insight-course", args=[course.pk]),
        reverse("admin:insight-course", args=[course.pk]) + "?show=risk",
        reverse("admin:insight-learner", args=[course.pk, member.pk]),
        *(reverse("admin:insight-report", args=[slug]) for slug in REPORTS),
        *(reverse("admin:insight-report-file", args=[slug, "csv"]) for slug in REPORTS),
    ]


def endpoints(course: Course) -> list[str]:
    member = User.objects.get(username="team-1")
    return [
        "/api/learners/",
        "/api/enrollments/",
        f"/api/enrollments/?course_id={course.pk}",
        "/api/certificates/",
        "/api/waivers/",
        f"/api/employee/realtime_progress/{member.pk}/{course.pk}",
        *(f"/api/analytics/{each}" for each in LISTS),
        f"/api/analytics/courses/{course.pk}/",
        f"/api/analytics/courses/{course.pk}/learners/{member.pk}/",
        *(f"/api/analytics/reports/{slug}/" for slug in REPORTS),
    ]


def shown(manager: User, course: Course) -> dict[str, str]:
    found = {}
    for client, addresses in ((window(manager), pages(course)), (api(manager), endpoints(course))):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.content[:300])
            whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[address] = MOMENTS.sub("", whole.decode())
    return found


def test_other_people_change_nothing_that_a_manager_is_shown(manager, course):
    before = shown(manager, course)
    others = people(course, "Zora")
    Alert.objects.filter(user__in=others).update(assigned_to=manager)
    finish_day()
    assert RiskScore.objects.count() == 2 and Alert.objects.filter(user__in=others).exists()
    after = shown(manager, course)
    different = {address for address in before if before[address] != after[address]}
    assert different == set()
    assert not any("Zora" in text or "zora" in text for text in after.values())
    assert sum("Team 1" in text for text in after.values()) > 20


def test_the_same_people_are_seen_by_who_teaches_the_course(manager, course):
    """The comparison would find them."""
    manager.is_staff = True
    manager.save()
    course.instructors.add(manager)
    grant_progress(manager)
    before = shown(manager, course)
    people(course, "Zora")
    finish_day()
    after = shown(manager, course)
    assert sum(before[address] != after[address] for address in before) > 20


def grant_progress(user: User) -> None:
    user.user_permissions.set(Permission.objects.filter(codename="view_courseprogress"))


@pytest.mark.parametrize("slug", CLOSED)
def test_reports_that_count_everybody_are_closed_to_managers(manager, slug):
    for client, address in (
        (window(manager), reverse("admin:insight-report", args=[slug])),
        (window(manager), reverse("admin:insight-report-file", args=[slug, "csv"])),
        (api(manager), f"/api/analytics/reports/{slug}/"),
        (api(manager), f"/api/analytics/reports/{slug}/download/csv/"),
    ):
        assert client.get(address).status_code == 403, address
    saved = {"name": "Mine", "slug": slug}
    assert api(manager).post("/api/analytics/saved-reports/", saved).status_code == 400


def test_every_report_is_open_to_managers_or_closed():
    assert {report.slug for report in registry.all_reports()} == {*REPORTS, *CLOSED}


def test_a_change_of_the_team_holds_at_once(manager, course):
    member = User.objects.get(username="team-1")
    address = reverse("admin:insight-learner", args=[course.pk, member.pk])
    client = window(manager)
    assert client.get(address).status_code == 200
    User.objects.filter(pk=member.pk).update(manager=None)
    assert client.get(address).status_code == 404
    assert "Team 1" not in client.get(reverse("admin:insight-alerts")).content.decode()
    User.objects.filter(manager=manager).update(manager=None)
    assert client.get(address).status_code == 302, "who manages nobody has no pages there"


def test_figures_are_those_of_the_team(manager, course):
    people(course, "Zora")
    finish_day()
    overview = api(manager).get("/api/analytics/overview/").json()
    assert overview["learners"] == 6
    amounts = {figure["name"]: figure["amount"] for figure in overview["figures"]}
    assert (amounts["completions"], amounts["overdue"], amounts["learners"]) == (2, 1, 5)
    [row] = overview["courses"]
    assert row["learners"] == 6
    compliance = api(manager).get("/api/analytics/compliance/").json()
    assert compliance["requirements"][0]["people"] == 6


def test_what_is_required_of_a_team_shows_before_anybody_is_enrolled(manager, course):
    other = a_course_of(VIDEO, title="Nobody began this")
    required(other, departments=["Care"], name="For Care")
    required(a_course_of(VIDEO, title="Of others"), departments=["Sales"], name="For Sales")
    found = api(manager).get("/api/analytics/compliance/").json()["requirements"]
    assert {row["name"]: row["people"] for row in found} == {
        "Fire safety for all": 6,
        "For Care": 6,
    }


def test_who_teaches_and_manages_sees_both(course):
    """Everybody in the own course; the own team in another."""
    both = a_user(is_staff=True, full_name="Both")
    grant_progress(both)
    taught = a_course_of(VIDEO, A_QUIZ, title="My own course")
    taught.instructors.add(both)
    people(taught, "Own")
    people(course, "Zora")
    team = someone(course, full_name="Team 0", username="team-0", manager=both)
    learn(course, team, ago=DAY)
    finish_day()
    rows = api(both).get("/api/analytics/reports/learners/?page_size=50").json()["results"]
    names = {row["learner"] for row in rows}
    assert names == {"Team 0", *(f"Own {n}" for n in range(6))}
    overview = api(both).get("/api/analytics/overview/").json()
    assert {row["title"]: row["learners"] for row in overview["courses"]} == {
        "My own course": 6,
        "Working at height": 1,
    }
    client = window(both)
    whole = content(taught, "c1").pk
    part = content(course, "c1").pk
    for pk, status in ((whole, 200), (part, 404)):
        assert client.get(reverse("admin:insight-content", args=[pk])).status_code == status
    curve = api(both).get("/api/analytics/reports/engagement-courses/").json()["results"]
    assert [row["course"] for row in curve] == ["My own course"]


def test_a_manager_of_somebody_else_sees_none_of_them(manager, course):
    other = a_user(full_name="Other manager")
    someone(course, full_name="Omar", manager=other)
    for address in endpoints(course):
        answer = api(other).get(address)
        assert "Team " not in answer.content.decode(), address
        assert answer.status_code in {200, 404}, address


def test_a_deactivated_manager_sees_nothing(manager, course):
    client = window(manager)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    for address in pages(course):
        assert client.get(address).status_code == 302, address


def test_a_week_with_fewer_than_five_shows_no_sums(course):
    """The smallest sample holds for a team as for a course."""
    small = a_user()
    learn(course, someone(course, manager=small, username="only"), ago=timedelta(days=1))
    people(course, "Zora")
    finish_day()
    rows = api(small).get("/api/analytics/reports/days/").json()["results"]
    assert [(row["learners"], row["active_seconds"]) for row in rows] == [(1, None)]
    [row] = api(small).get("/api/analytics/reports/courses/").json()["results"]
    assert (row["learners"], row["mean_percent"]) == (1, None)
