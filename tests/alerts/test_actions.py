"""What staff do about alerts, in the admin and the API: each in own courses, with who and when."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import Alert, AlertStep
from progress.models import Enrollment
from tests.factories import a_course_of, a_user
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.alerts import DAY, an_alert, an_idle_learner, watch
from tests.support.learners import an_instructor_of, learn

pytestmark = pytest.mark.django_db
BOARD = "/admin/insight/alerts/"
API = "/api/analytics/alerts/"
ACTIONS = ["acknowledge", "snooze", "assign", "close"]


def in_api(person) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def body(action: str, person) -> dict:
    until = (timezone.now() + DAY).isoformat()
    return {"snooze": {"until": until}, "assign": {"user_id": person.pk}}.get(action, {})


@pytest.fixture
def teacher(course):
    return an_instructor_of(course)


@pytest.fixture
def other():
    return a_course_of(VIDEO, title="Not yours")


def a_manager():
    return a_staff_member("view_courseprogress", "view_all_progress")


def who_may_change_all():
    person = a_manager()
    person.user_permissions.add(Permission.objects.get(codename="change_alert"))
    return type(person).objects.get(pk=person.pk)


# --- Whose ----------------------------------------------------------------------------------------
def test_instructors_find_alerts_of_their_courses_only(teacher, course, other, sign_in):
    ours, theirs = an_alert(course, full_name="Lena"), an_alert(other, full_name="Omar")
    text = text_of(sign_in(teacher).get(BOARD))
    assert "Lena" in text and "Omar" not in text and "Not yours" not in text
    assert "1 learner is waiting for help, with 1 alert." in text
    (row,) = in_api(teacher).get(API).json()["results"]
    assert row["id"] == ours.pk and row["why"].endswith("and never began.")
    assert in_api(teacher).get(f"{API}{theirs.pk}/").status_code == 404


def test_learners_and_strangers_find_none(course, sign_in):
    alert = an_alert(course)
    clerk = a_staff_member("view_user", teaches=[course])
    assert in_api(alert.user).get(API).status_code == 403
    assert in_api(a_staff_member("view_courseprogress")).get(API).status_code == 403
    assert APIClient().get(API).status_code in {401, 403}
    assert sign_in(clerk).get(BOARD).status_code == 403
    assert sign_in(alert.user).get(BOARD).status_code == 302


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_acts_on_alerts_of_others(action, teacher, course, other, sign_in):
    theirs = an_alert(other)
    asked = {"do": action, "alert": theirs.pk, "days": 1, "to": teacher.pk}
    assert "0 alerts changed." in text_of(sign_in(teacher).post(BOARD, asked, follow=True))
    answer = in_api(teacher).post(f"{API}{theirs.pk}/{action}/", body(action, teacher))
    assert answer.status_code == 404
    assert not AlertStep.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_users_who_see_everything_need_the_permission_to_act(action, course, sign_in):
    alert, reader, manager = an_alert(course), a_manager(), who_may_change_all()
    assert sign_in(reader).get(BOARD).status_code == 200
    assert sign_in(reader).post(BOARD, {"do": action, "alert": alert.pk}).status_code == 403
    address = f"{API}{alert.pk}/{action}/"
    assert in_api(reader).post(address, body(action, reader)).status_code == 403
    assert not AlertStep.objects.exists()
    assert in_api(manager).post(address, body(action, manager)).status_code == 200
    assert AlertStep.objects.get().by == manager


# --- What -----------------------------------------------------------------------------------------
def test_each_action_is_recorded_with_its_author_and_time(teacher, course, sign_in):
    alert, window = an_alert(course), sign_in(teacher)
    before = timezone.now()
    for asked in ({"do": "assign", "to": teacher.pk}, {"do": "snooze", "days": 3}, {"do": "close"}):
        text = text_of(window.post(BOARD, asked | {"alert": alert.pk}, follow=True))
        assert "1 alert changed." in text
    alert.refresh_from_db()
    assert (alert.state, alert.closing, alert.assigned_to) == ("closed", "by_hand", teacher)
    steps = list(alert.steps.all())
    assert [(s.what, s.by, s.to) for s in steps] == [
        ("assigned", teacher, teacher),
        ("snoozed", teacher, None),
        ("closed", teacher, None),
    ]
    assert before <= steps[0].at <= steps[1].at <= timezone.now()
    assert abs(steps[1].until - steps[1].at - 3 * DAY) < timedelta(seconds=1)


def test_what_is_closed_stays_closed(teacher, course):
    alert = an_alert(course)
    window = in_api(teacher)
    assert window.post(f"{API}{alert.pk}/close/").json()["state"] == "closed"
    for action in ACTIONS:
        answer = window.post(f"{API}{alert.pk}/{action}/", body(action, teacher)).json()
        assert answer["state"] == "closed"
    assert AlertStep.objects.count() == 1


def test_alerts_are_assigned_to_staff_who_may_see_the_course_only(teacher, course, other):
    alert, manager = an_alert(course), a_manager()
    address = f"{API}{alert.pk}/assign/"
    window = in_api(teacher)
    blind = a_staff_member("view_course", teaches=[course])
    gone = an_instructor_of(course)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    for person in (an_instructor_of(other), alert.user, a_user(), blind, gone):
        answer = window.post(address, {"user_id": person.pk})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["attr"] == "user_id"
    assert window.post(address, {"user_id": 2**62}).status_code == 400
    assert window.post(address, {"user_id": manager.pk}).json()["assigned_to_id"] == manager.pk
    assert window.post(address, {"user_id": None}).json()["assigned_to_id"] is None


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_snooze_ends_within_a_year(days, teacher, course):
    alert = an_alert(course)
    asked = {"until": (timezone.now() + days * DAY).isoformat()}
    answer = in_api(teacher).post(f"{API}{alert.pk}/snooze/", asked)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "until")


@pytest.mark.parametrize(
    "asked",
    [
        {"do": "forget"},
        {"do": "snooze", "days": "8"},
        {"do": "assign", "to": "999999"},
        {"do": "acknowledge", "alert": "9" * 40},
        {"do": "acknowledge", "alert": "x"},
        {"do": "write"},
    ],
)
def test_the_board_refuses_what_makes_no_sense(asked, teacher, course, sign_in):
    alert = an_alert(course)
    answer = sign_in(teacher).post(BOARD, {"alert": alert.pk} | asked, follow=True)
    if asked == {"do": "write"}:
        assert "A letter to 1 learner" in text_of(answer)  # that is another page
    assert answer.status_code == 200
    assert not AlertStep.objects.exists()


# --- Found ----------------------------------------------------------------------------------------
def test_the_board_is_narrowed_by_its_address(teacher, course, sign_in):
    second = a_course_of(VIDEO, title="Ladders")
    teacher.courses_taught.add(second)
    named = ((course, "Ada"), (course, "Ben"), (second, "Cleo"))
    mine, _free, asleep = (an_idle_learner(c, full_name=n) for c, n in named)
    watch()
    window = sign_in(teacher)

    def alert_of(person):
        return Alert.objects.get(user=person)

    for person, asked in (
        (mine, {"do": "assign", "to": teacher.pk}),
        (asleep, {"do": "snooze", "days": 1}),
    ):
        window.post(BOARD, asked | {"alert": alert_of(person).pk})
    gone = an_alert(course, full_name="Dora")
    window.post(BOARD, {"do": "close", "alert": gone.pk})

    def found(**asked) -> set[str]:
        return {row.name for row in window.get(BOARD, asked).context["rows"]}

    assert found() == {"Ada", "Ben", "Cleo"}
    assert found(course=second.pk) == {"Cleo"}
    assert found(state="snoozed") == {"Cleo"}
    assert found(state="closed") == {"Dora"}
    assert found(assigned="me") == found(assigned=teacher.pk) == {"Ada"}
    assert found(assigned="nobody") == {"Ben", "Cleo"}
    assert found(kind="failing") == set()
    assert found(kind="never_started") == {"Ada", "Ben", "Cleo"}
    assert "Select a valid choice" in text_of(window.get(BOARD, {"kind": "x"}))
    paper = window.get(BOARD, {"course": second.pk, "assigned": "me"}).content.decode()
    assert '<p class="printed active-filters">Shown: Ladders · Me</p>' in paper
    answer = in_api(teacher).get(API, {"is_closed": True}).json()["results"]
    assert [row["user_id"] for row in answer] == [gone.user_id]
    answer = in_api(teacher).get(API, {"is_assigned": True, "kind": "never_started"}).json()
    assert [row["user_id"] for row in answer["results"]] == [mine.pk]


def test_all_that_was_found_can_be_changed_at_once(teacher, course, sign_in):
    for _ in range(3):
        an_idle_learner(course)
    watch()
    failing = an_idle_learner(course)
    learn(course, failing, ago=20 * DAY)
    watch()
    window = sign_in(teacher)
    page = window.post(f"{BOARD}?kind=never_started", {"do": "acknowledge", "all": 1}, follow=True)
    assert "3 alerts changed." in text_of(page)
    states = Alert.objects.values_list("kind", "state").distinct().order_by("kind")
    assert list(states) == [("inactive", "open"), ("never_started", "acknowledged")]


def test_an_alert_is_shown_on_the_learners_page_and_the_overview(teacher, course, sign_in):
    alert, window = an_alert(course), sign_in(teacher)
    window.post(BOARD, {"do": "assign", "to": teacher.pk, "alert": alert.pk})
    page = text_of(window.get(f"/admin/insight/courses/{course.pk}/learners/{alert.user_id}/"))
    assert "and never began." in page and "assigned to" in page
    first = text_of(window.get("/admin/"))
    assert "1 learner is waiting for help, with 1 alert. 1 learner is assigned to you." in first
    window.post(BOARD, {"do": "close", "alert": alert.pk})
    first = text_of(window.get("/admin/"))
    assert "No alerts are waiting. Open the alerts" in first


def test_one_acts_on_the_learners_page_and_stays_there(teacher, course, sign_in):
    alert = an_alert(course)
    address = f"/admin/insight/courses/{course.pk}/learners/{alert.user_id}/"
    window = sign_in(teacher)
    assert 'value="acknowledge"' in window.get(address).content.decode()
    assert 'value="acknowledge"' not in sign_in(a_manager()).get(address).content.decode()
    asked = {"do": "acknowledge", "alert": alert.pk}
    assert window.post(BOARD, asked | {"back": address}).url == address
    for elsewhere in ("https://example.org/", "//example.org/", "javascript:alert(1)", ""):
        assert window.post(BOARD, asked | {"back": elsewhere}).url == BOARD


def test_alerts_are_a_report_of_own_courses(teacher, course, other, sign_in):
    alert = an_alert(course, full_name="Lena")
    an_alert(other, full_name="Omar")
    window = sign_in(teacher)
    window.post(BOARD, {"do": "assign", "to": teacher.pk, "alert": alert.pk})
    file = window.get("/admin/insight/reports/alerts/csv/")
    (row,) = csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig")))
    assert (row["learner"], row["kind"], row["state"]) == ("Lena", "never_started", "Open")
    assert row["why"].endswith("and never began.") and row["assigned_to"] == teacher.username
    (same,) = in_api(teacher).get("/api/analytics/reports/alerts/").json()["results"]
    assert (same["alert_id"], same["closed_at"]) == (alert.pk, None)
    old = {"since": "2020-01-01", "until": "2020-02-01"}
    assert in_api(teacher).get("/api/analytics/reports/alerts/", old).json()["count"] == 0
    assert "Omar" not in text_of(window.get("/admin/insight/reports/alerts/"))


# --- At which cost --------------------------------------------------------------------------------
def test_fifty_alerts_cost_as_many_queries_as_one(teacher, course, sign_in):
    window, program = sign_in(teacher), in_api(teacher)

    def queries(address, window) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert window.get(address).status_code == 200
        return len(captured)

    an_alert(course)
    window.get(BOARD), program.get(API)  # what is asked once
    one = queries(BOARD, window), queries(API, program)
    for _ in range(49):
        an_idle_learner(course)
    watch()
    window.post(BOARD, {"do": "assign", "to": teacher.pk, "all": 1})
    assert (queries(BOARD, window), queries(API, program)) == one
    assert one[0] <= 15


def test_of_those_that_opened_together_the_next_due_stands_first(sign_in, teacher, course):
    now = timezone.now()
    for name, days in (("Late", 40), ("Never", None), ("Soon", 3)):
        person = an_idle_learner(course, full_name=name)
        due_at = now + days * DAY if days else None
        Enrollment.objects.filter(user=person).update(due_at=due_at)
    watch()
    rows = sign_in(teacher).get(BOARD).context["rows"]
    assert [row.name for row in rows] == ["Soon", "Late", "Never"]


def test_the_board_is_narrowed_to_a_department_of_five_people_or_more(sign_in, teacher, course):
    for number in range(5):
        an_idle_learner(course, full_name=f"Care {number}", department="Care")
    an_idle_learner(course, full_name="Legal", department="Legal")
    watch()
    window = sign_in(teacher)
    answer = window.get(BOARD, {"department": "Care"})
    assert {row.department for row in answer.context["rows"]} == {"Care"}
    assert len(answer.context["rows"]) == 5
    assert len(window.get(BOARD).context["rows"]) == 6
    assert "Select a valid choice" in text_of(window.get(BOARD, {"department": "Legal"}))
