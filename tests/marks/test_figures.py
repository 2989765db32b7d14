"""No figure changes, wherever it stands, when test learners and a test course are busy."""

import re
from importlib import import_module

import pytest
import time_machine
from celery import current_app
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.facts.rollups import retaining
from analytics.models import FoldedEnrollment, LearnerDay, RiskScore
from analytics.warehouse import exporting
from progress.jobs.schedule import declared
from progress.models import ContentInteraction, Course, Enrollment, User, possible_learners
from progress.state import short_media
from tests.citus import every_reading
from tests.factories import NOON, a_course_of, a_test_course, a_user, content, enrolled
from tests.support.admin import VIDEO
from tests.support.compliance import required
from tests.support.learners import A_QUIZ, DAY, complete, fail, learn, pass_quiz, someone
from tests.support.outside import elsewhere

pytestmark = pytest.mark.django_db
# What a page or an answer says of itself, and not of learners.
OWN = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|nonce-\w+|"(?:folded_at|as_of)": ?"[^"]*"'
    r"|\b(?:last_login|session_key)\b[^,]*"
)
# The files of reports that hold their own time, or cost a typesetter for each.
NOT_COMPARED = re.compile(r"/(?:xlsx|pdf)/$|/saved-reports/")
FIGURES = re.compile(r"^/admin/(?:insight/.*)?$|^/api/analytics/")
TABLES = ("LearnerSkill", "RiskScore", "RiskPrediction", "Alert", "Escalation", "Outreach",
          "CompletionForecast", "ForecastRecord",
          "LearnerDay", "ContentDay", "ContentCurve", "ContentReach", "QuestionRollup",
          "CourseDay", "ContentDropout", "LearnerHabit", "LearnerContent", "LearnerQuiz",
          "QuizRecord", "PeerContent", "FoldedEnrollment")  # fmt: skip


def do_every_job() -> None:
    """What the schedule does in the background, but for training on years of data."""
    for name in sorted(declared()):
        is_figure = name.startswith("analytics.") and "train" not in name
        if is_figure and declared()[name] is not None:
            current_app.tasks[name]()


def busy(course, *people) -> None:
    """Each learns, fails, passes, stalls and completes, the first most of all."""
    for number, person in enumerate(people):
        enrolled(person, course, now=timezone.now() - (40 + number) * DAY)
        learn(course, person, ago=(30 + number) * DAY)
        fail(course, person, "c2", times=2 + number % 2, ago=(20 + number) * DAY)
        learn(course, person, ago=(19 + number) * DAY)
        if number % 2:
            pass_quiz(course, person, "c2", ago=(18 + number) * DAY)
        if number % 3 == 1:
            complete(course, person, timezone.now() - (3 + number) * DAY)
        if number % 3 == 2:
            Enrollment.objects.filter(user=person).update(due_at=timezone.now() - 2 * DAY)


def people(count: int, **changes) -> list[User]:
    return [a_user(department="Care", **changes) for _ in range(count)]


@pytest.fixture
def organisation():
    """Two courses with learners of all kinds, a requirement, all jobs done; time stands still."""
    with time_machine.travel(NOON, tick=False):
        course = a_course_of(VIDEO, A_QUIZ, title="Fire safety")
        other = a_course_of(VIDEO, A_QUIZ, title="Ladders")
        busy(course, *people(9))
        busy(other, *people(6))
        someone(course, department="Care")
        required(course, departments=["Care"], enrols=False)
        do_every_job()
        do_every_job()  # the model of risk is measured on what the first time predicted
        yield course


def shown(addresses: list[str]) -> dict[str, tuple[int, str]]:
    window = Client()
    window.force_login(User.objects.get(username="reads"))
    found = {}
    for address in addresses:
        answer = window.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[address] = answer.status_code, OWN.sub("", body.decode())
    return found


def views() -> dict[str, list[tuple]]:
    found = {}
    for name in exporting.views():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM warehouse.{name}")
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


def stored() -> dict[str, list[str]]:
    models = import_module("analytics.models")
    return {
        name: sorted(
            repr(sorted((key, value) for key, value in row.items() if key != "id"))
            for row in getattr(models, name).objects.values()
        )
        for name in TABLES
    }


def test_busy_test_learners_and_a_test_course_change_no_figure(organisation):
    reader = a_user(username="reads", is_staff=True, is_superuser=True)
    addresses = [
        each
        for each in dict.fromkeys(every_reading.addresses())
        if FIGURES.search(each) and not NOT_COMPARED.search(each)
    ]
    assert len(addresses) > 80
    before = shown(addresses), views(), stored()
    assert {status for status, _ in before[0].values()} <= {200, 302, 404, 405}
    assert RiskScore.objects.exists() and LearnerDay.objects.exists()
    concerned = set(possible_learners())

    trial = a_trial()
    tests = people(12, is_test=True)
    busy(organisation, *tests[:7])
    busy(trial, *tests[5:])
    trial.instructors.add(reader)
    elsewhere(organisation, tests[0])
    elsewhere(trial, tests[6], valid_until=NOON.date())
    do_every_job()

    after = shown(addresses), views(), stored()
    changed = [
        name
        for earlier, later in zip(before, after, strict=True)
        for name, value in earlier.items()
        if later[name] != value
    ]
    assert changed == []
    assert set(possible_learners()) == concerned


def a_trial() -> Course:
    contents = [VIDEO | {"code": "c1"}, A_QUIZ | {"code": "c2"}]
    return a_test_course(title="Trial", modules=[{"code": "m", "contents": contents}])


def test_evidence_of_test_learners_keeps_no_month_in_the_database(organisation):
    learn_of = people(1, is_test=True)
    busy(organisation, *learn_of)
    assert ContentInteraction.objects.filter(user=learn_of[0]).exists()
    assert retaining.needs(NOON - 365 * DAY, NOON + DAY) is False
    assert not FoldedEnrollment.objects.filter(enrollment__user=learn_of[0]).exists()


def test_the_pages_of_a_test_learner_are_not_among_the_figures(organisation):
    [tried] = people(1, is_test=True)
    busy(organisation, tried)
    window = Client()
    window.force_login(a_user(is_staff=True, is_superuser=True))
    assert (
        window.get(f"/admin/insight/courses/{organisation.pk}/learners/{tried.pk}/").status_code
        == 404
    )
    assert window.get(f"/admin/insight/courses/{a_trial().pk}/").status_code == 404


def test_short_media_are_found_by_real_learners_only(organisation):
    film = content(organisation, "c1")
    real = short_media.find(film)
    busy(organisation, *people(4, is_test=True))
    assert short_media.find(film) == real
