"""Test learners in a manager's team, in the jobs for everybody, and in the search."""

import pytest
import time_machine
from django.utils import timezone

from progress.ingest import enrolling, timing_out
from progress.mail import outgoing, study_reminders
from progress.models import OutgoingMail, StudyReminder, User
from progress.pages.searching import indexing
from tests.factories import NOON, a_session, a_user, enrolled
from tests.ingest.test_time_limits import Timed, minute
from tests.managers import test_nothing_of_others as teams
from tests.marks.conftest import with_key
from tests.marks.test_figures import a_trial, busy
from tests.marks.test_keys import ids
from tests.support.callers import api, window
from tests.support.learners import DAY
from tests.support.outside import elsewhere

pytestmark = pytest.mark.django_db
course, manager = teams.course, teams.manager


# --- Managers -------------------------------------------------------------------------------------
def figures(leader: User, addresses: list[str]) -> dict[str, tuple[int, str]]:
    found = {}
    for address in addresses:
        client = api(leader) if address.startswith("/api/") else window(leader)
        answer = client.get(address)
        body = answer.getvalue().decode()
        found[address] = answer.status_code, teams.MOMENTS.sub("", body)
    return found


def test_no_figure_of_a_manager_counts_test_learners_of_the_team(course, manager):
    addresses = [
        each
        for each in (*teams.pages(course), *teams.endpoints(course))
        if each.startswith(("/admin/", "/api/analytics/"))
    ]
    with time_machine.travel(timezone.now(), tick=False):
        before = figures(manager, addresses)
        assert {status for status, _ in before.values()} == {200}
        trial = a_trial()
        tests = [a_user(department="Care", is_test=True, manager=manager) for _ in range(6)]
        busy(course, *tests)
        busy(trial, *tests)
        elsewhere(course, tests[0])
        teams.finish_day()
        after = figures(manager, addresses)
    assert [each for each in addresses if after[each] != before[each]] == []


def test_a_managers_keys_reach_the_team_of_their_kind(real_course):
    leader = a_user(username="leads")
    real, test = (a_user(manager=leader, is_test=is_test) for is_test in (False, True))
    rows = {person: enrolled(person, real_course).pk for person in (real, test)}
    live, test_key = (with_key(leader, is_test=is_test) for is_test in (False, True))
    for client, own, other in ((live, real, test), (test_key, test, real)):
        assert other.pk not in ids(client, "/api/learners/")
        assert own.pk in ids(client, "/api/learners/")
        assert ids(client, "/api/enrollments/") == {rows[own]}


def test_a_test_key_names_managers_among_test_learners(test_key, anna, tess):
    answer = test_key.post("/api/learners/", {"username": "new", "manager_id": anna.pk})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "manager_id"
    answer = test_key.post("/api/learners/", {"username": "new", "manager_id": tess.pk})
    assert answer.status_code == 201, answer.content
    person = User.objects.get(username="new")
    assert person.is_test and person.manager == tess


# --- Reminders ------------------------------------------------------------------------------------
def test_reminders_are_for_real_learners(real_course, settings, mailoutbox):
    settings.PUBLIC_URL = "https://learn.example.org"
    for name, is_test in (("anna", False), ("tess", True)):
        person = a_user(username=name, email=f"{name}@example.org", is_test=is_test)
        enrolling.set_due(enrolled(person, real_course), NOON + DAY)
        study_reminders.choose(person, hour=13, weekdays=127, now=NOON - DAY)
    later = NOON.replace(hour=13)
    with time_machine.travel(later, tick=False):
        study_reminders.remind_learners()
        outgoing.send_due(later)
    assert [each.to for each in mailoutbox] == [["anna@example.org"]]
    assert [each.payload["user_id"] for each in OutgoingMail.objects.all()] == [
        User.objects.get(username="anna").pk
    ]
    reminder = StudyReminder.objects.get(user__username="tess")
    refused = study_reminders.compose({"user_id": reminder.pk}, later)
    assert refused == "Test learners get no reminders."


# --- Quizzes with a time limit, and the search ----------------------------------------------------
def test_the_server_submits_the_quiz_of_a_test_learner(tess):
    quiz = Timed()
    enrolled(tess, quiz.course)
    quiz.session = a_session(quiz.course, tess)
    quiz.begin()
    quiz.give(0, at=10)
    assert timing_out.submit_overdue(minute(41)) == 1
    assert quiz.attempt.user == tess and quiz.attempt.submitted_at


def test_a_test_learner_finds_their_test_course_and_nobody_else_does(client, anna, tess):
    trial = a_trial()
    enrolled(tess, trial)
    indexing.index_course(trial.pk)
    for person, is_found in ((tess, True), (anna, False)):
        client.force_login(person)
        page = client.get("/search/", {"q": "Trial"}).content.decode()
        assert (f'href="/courses/{trial.pk}/' in page) is is_found
