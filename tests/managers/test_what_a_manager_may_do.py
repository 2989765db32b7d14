"""A manager reads, and handles alerts; writes nothing else, and opens no more by a key."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import Alert, AlertStep, Outreach, SavedReport
from analytics.reporting import saving
from progress.jobs import Run
from progress.live.access import may_follow
from progress.models import Course, Enrollment, LearningSession, User
from progress.security.keys import make_key
from progress.security.tokens import StreamClaims
from tests.factories import a_course_of, a_session, a_user, an_instructor, grant
from tests.support.admin import VIDEO, a_staff_member, page
from tests.support.alerts import an_alert
from tests.support.callers import api, window
from tests.support.learners import A_QUIZ, DAY, learn, someone

pytestmark = pytest.mark.django_db
BOARD = reverse("admin:insight-alerts")
PASSWORD = "a long enough sentence"


@pytest.fixture
def course(db) -> Course:
    return a_course_of(VIDEO, A_QUIZ)


@pytest.fixture
def alert(course) -> Alert:
    """Of Lena, who reports to the manager; Omar reports to nobody."""
    manager = a_user(
        username="manager", full_name="Maria", email="m@example.org", password=PASSWORD
    )
    found = an_alert(course, username="lena", full_name="Lena", manager=manager)
    an_alert_of_omar = someone(course, username="omar", full_name="Omar")
    learn(course, an_alert_of_omar, ago=DAY)
    return found


@pytest.fixture
def manager(alert) -> User:
    return User.objects.get(username="manager")


# --- Alerts --------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", ["acknowledge", "snooze", "assign", "close"])
def test_a_manager_handles_the_teams_alerts_by_the_api(manager, alert, action):
    until = (timezone.now() + DAY).isoformat()
    body = {"snooze": {"until": until}, "assign": {"user_id": manager.pk}}.get(action, {})
    answer = api(manager).post(f"/api/analytics/alerts/{alert.pk}/{action}/", body)
    assert answer.status_code == 200, answer.content
    assert AlertStep.objects.get(alert=alert).by == manager


@pytest.mark.parametrize("action", ["acknowledge", "snooze", "assign", "close"])
def test_a_manager_handles_the_teams_alerts_on_the_page(manager, alert, action):
    client = window(manager)
    shown = client.get(BOARD).content.decode()
    assert "Lena" in shown and "Omar" not in shown and 'value="assign"' in shown
    client.post(BOARD, {"do": action, "alert": alert.pk, "days": 7, "to": manager.pk})
    assert AlertStep.objects.get(alert=alert).by == manager


def test_an_alert_is_given_to_the_manager_of_its_learner_and_to_no_other(course, alert, manager):
    teacher = an_instructor(course)
    other = a_user()
    someone(course, manager=other)
    address = f"/api/analytics/alerts/{alert.pk}/assign/"
    assert api(teacher).post(address, {"user_id": other.pk}).status_code == 400
    answer = api(teacher).post(address, {"user_id": manager.pk})
    assert answer.json()["assigned_to_id"] == manager.pk


def test_a_manager_writes_to_the_team(manager, alert):
    body = {"alert_ids": [alert.pk], "subject": "Hello {name}", "body": "Come back"}
    assert api(manager).post("/api/analytics/letters/", body).status_code == 201
    assert Outreach.objects.get().written_by == manager
    form = window(manager).get(reverse("admin:insight-write"), {"alert": alert.pk})
    assert form.status_code == 200 and "Lena" in form.content.decode()


def test_the_alerts_of_others_are_neither_seen_nor_handled(course, alert, manager):
    theirs = Alert.objects.create(
        enrollment=Enrollment.objects.get(user__username="omar"),
        user=User.objects.get(username="omar"),
        course=course,
        kind=alert.kind,
        since=timezone.now(),
        opened_at=timezone.now(),
        facts=alert.facts,
    )
    for action in ("acknowledge", "close"):
        address = f"/api/analytics/alerts/{theirs.pk}/{action}/"
        assert api(manager).post(address).status_code == 404
    window(manager).post(BOARD, {"do": "close", "alert": theirs.pk})
    window(manager).post(BOARD, {"do": "close", "all": "1"})
    theirs.refresh_from_db()
    alert.refresh_from_db()
    assert (theirs.state, alert.state) == (Alert.State.OPEN, Alert.State.CLOSED)


# --- Learning ------------------------------------------------------------------------------------
def test_a_manager_writes_nothing_on_learning(course, alert, manager):
    lena = User.objects.get(username="lena")
    enrollment = Enrollment.objects.get(user=lena)
    client, other = api(manager), a_course_of(VIDEO)
    content = course.modules.get().contents.first().pk
    named = {"enrollment_id": enrollment.pk, "content_id": content}
    writes = [
        client.patch(f"/api/enrollments/{enrollment.pk}/", {"due_at": "2030-01-01"}),
        client.delete(f"/api/enrollments/{enrollment.pk}/"),
        client.post("/api/enrollments/", {"user_id": lena.pk, "course_id": other.pk}),
        client.post("/api/enrollments/bulk/", {"rows": [{"user_id": lena.pk}]}),
        client.post("/api/waivers/decline/", named),
        client.post("/api/waivers/take_back/", named),
        client.post("/api/employee/start_session", {"user_id": lena.pk, "course_id": course.pk}),
        client.patch(f"/api/learners/{lena.pk}/", {"manager_id": None}),
        client.get(f"/api/courses/{course.pk}/"),
    ]
    assert {answer.status_code for answer in writes} <= {400, 403, 404}
    enrollment.refresh_from_db()
    assert (enrollment.due_at, enrollment.unenrolled_at) == (None, None)
    assert not LearningSession.objects.filter(user=lena).exists()
    assert not Enrollment.objects.filter(course=other).exists()


def test_who_may_enrol_and_manages_enrols_learners_of_own_courses_only(course, alert, manager):
    """Being a manager widens what is read, and no right to write."""
    own = a_course_of(VIDEO)
    manager.is_staff = True
    manager.save()
    own.instructors.add(manager)
    grant(manager, "add_enrollment", "change_enrollment", "delete_enrollment", "view_enrollment")
    manager = User.objects.get(pk=manager.pk)
    lena = User.objects.get(username="lena")
    enrollment = Enrollment.objects.get(user=lena)
    client = api(manager)
    assert client.get(f"/api/enrollments/{enrollment.pk}/").status_code == 200
    refused = [
        client.patch(f"/api/enrollments/{enrollment.pk}/", {"due_at": "2030-01-01"}),
        client.delete(f"/api/enrollments/{enrollment.pk}/"),
        client.post("/api/enrollments/", {"user_id": lena.pk, "course_id": own.pk}),
        window(manager).post(page(Enrollment, "change", enrollment.pk), {"due_at_0": "2030-01-01"}),
    ]
    assert [answer.status_code for answer in refused[:3]] == [403, 403, 400]
    window(manager).post(
        page(Enrollment),
        {"action": "unenrol", "_selected_action": [enrollment.pk], "index": 0},
    )
    enrollment.refresh_from_db()
    assert (enrollment.due_at, enrollment.unenrolled_at) == (None, None)


# --- Progress, live ------------------------------------------------------------------------------
def progress_of(reader, course, username):
    learner = User.objects.get(username=username)
    return api(reader).get(f"/api/employee/realtime_progress/{learner.pk}/{course.pk}")


def test_a_managers_team_is_followed_live_and_nobody_else(course, alert, manager):
    assert progress_of(manager, course, "lena").status_code == 200
    assert progress_of(manager, course, "omar").status_code == 404
    people = {each.username: each.pk for each in User.objects.all()}
    claims = {name: StreamClaims(manager.pk, people[name], course.pk) for name in ("lena", "omar")}
    allowed = may_follow(list(claims.values()))
    assert {name: allowed[each] for name, each in claims.items()} == {"lena": True, "omar": False}
    User.objects.filter(username="lena").update(manager=None)
    assert may_follow([claims["lena"]]) == {claims["lena"]: False}


@pytest.mark.parametrize(("scopes", "status"), [(["progress:read"], 404), ([], 200)])
def test_a_key_with_scopes_is_no_wider_by_a_team(course, alert, manager, scopes, status):
    key = make_key(manager, scopes=scopes, lifetime=timedelta(days=1))[1]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    learner = User.objects.get(username="lena").pk
    address = f"/api/employee/realtime_progress/{learner}/{course.pk}"
    assert client.get(address).status_code == status
    everything = ["progress:read", "people:read", "people:manage", "reports:read"]
    key = make_key(manager, scopes=everything, lifetime=timedelta(days=1))[1]
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    for address in ("alerts/", "risk/", "reports/", "overview/", "compliance/", "letters/"):
        assert client.get(f"/api/analytics/{address}").status_code == 403
    assert client.post(f"/api/analytics/alerts/{alert.pk}/close/").status_code == 403


# --- Lists that are followed ---------------------------------------------------------------------
def test_a_followed_list_says_which_rows_of_the_team_were_removed(course, alert, manager):
    client = api(manager)
    begun = client.get("/api/analytics/alerts/", {"updated_since": "2026-01-01"}).json()
    assert [row["id"] for row in begun["results"]] == [alert.pk]
    Alert.objects.filter(pk=alert.pk).delete()
    since = {"updated_since": begun["next_updated_since"]}
    assert client.get("/api/analytics/alerts/", since).json()["results"] == [
        {"id": alert.pk, "deleted": True}
    ]


# --- Reports by mail -----------------------------------------------------------------------------
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_report_is_mailed_to_a_manager_as_long_as_there_is_a_team(course, alert, manager):
    draft = saving.Draft("Mine", "learners", schedule=SavedReport.Schedule.WEEKLY, ending="csv")
    saving.save(manager, draft)
    saving.send_due(Run("send_reports", MONDAY))
    [_name, text, _type] = mail.outbox[0].attachments[0]
    assert "Lena" in text and "Omar" not in text
    User.objects.filter(manager=manager).update(manager=None)
    saving.send_due(Run("send_reports", MONDAY + timedelta(days=7)))
    assert len(mail.outbox) == 1


# --- Pages ---------------------------------------------------------------------------------------
def test_signing_in_leads_a_manager_to_the_team(client, course, alert, manager):
    for username, address in (("manager", reverse("admin:index")), ("plain", "/")):
        if username == "plain":
            a_user(username="plain", password=PASSWORD)
        answer = client.post("/login/", {"username": username, "password": PASSWORD})
        assert answer.url == address
        client.logout()


def test_a_managers_menu_has_what_can_be_opened(course, alert, manager):
    client = window(manager)
    shown = client.get(reverse("admin:index")).content.decode()
    assert "Team overview" in shown and "Lena" in shown and "Omar" not in shown
    for name, is_open in (
        ("insight-alerts", True),
        ("insight-compliance", True),
        ("insight-forecast", True),
        ("insight-reports", True),
        ("insight-engagement", False),
        ("insight-habits", False),
        ("insight-return", False),
        ("insight-risk", False),
        ("progress_user_changelist", False),
        ("progress_course_changelist", False),
    ):
        address = reverse(f"admin:{name}")
        assert (f'href="{address}"' in shown) == is_open, name
        assert client.get(address).status_code == (200 if is_open else 403), name


def test_every_link_on_a_managers_pages_can_be_opened(course, alert, manager):
    """No link leads to a page that is refused."""
    import re

    client = window(manager)
    lena = User.objects.get(username="lena")
    a_session(course, lena, now=timezone.now() - DAY)
    pages = [
        reverse("admin:index"),
        BOARD,
        reverse("admin:insight-compliance"),
        reverse("admin:insight-forecast"),
        reverse("admin:insight-reports"),
        reverse("admin:insight-course", args=[course.pk]),
        reverse("admin:insight-learner", args=[course.pk, lena.pk]),
        reverse("admin:insight-report", args=["learners"]),
    ]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        links = set(re.findall(r'<a[^>]* href="(/[^"#]*)"', answer.content.decode()))
        assert links
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code in {200, 302}, (address, link)


def test_the_admins_lists_show_staff_with_permissions_their_team(sign_in, course, alert):
    lena, omar = (User.objects.get(username=name) for name in ("lena", "omar"))
    a_session(course, lena)
    staff = a_staff_member("view_learningsession", "view_courseprogress", "view_user")
    User.objects.filter(pk=lena.pk).update(manager=staff)
    client = sign_in(staff)
    for model in (LearningSession, User):
        rows = client.get(page(model)).context["cl"].result_list
        people = {getattr(row, "user_id", row.pk) for row in rows}
        assert lena.pk in people and omar.pk not in people


def test_who_manages_nobody_finds_the_area_of_instructors_closed(course, alert):
    client = window(User.objects.get(username="omar"))
    assert client.get(reverse("admin:index")).status_code == 302
    staff = a_user(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_courseprogress"))
    shown = window(staff).get(reverse("admin:index")).content.decode()
    assert "You don't teach any courses yet" in shown or "don&#x27;t teach any courses" in shown
