"""An organisation of two hundred learners: by the real rules, and all that is made of them."""

import re
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.urls import reverse

from analytics.models import (
    Alert,
    ContentCurve,
    ContentEdition,
    Exemption,
    FoldedEnrollment,
    HourlyRate,
    LearnerDay,
    PeerContent,
    QuizRecord,
    RiskModel,
    RiskPrediction,
    RiskScore,
    RiskValidation,
)
from lms_progress.demo.organisation import build
from lms_progress.demo.organisation.courses import SUBJECTS, hard
from lms_progress.demo.organisation.step_display import step
from lms_progress.demo.seeding import seed
from progress.ingest import evidence
from progress.models import (
    ContentInteraction,
    Course,
    CourseProgress,
    OutboxMessage,
    QuizAttempt,
    User,
)
from progress.operations import outbox
from tests.support import worlds

from .organisation import PLAN, demo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def output(django_db_setup, django_db_blocker):
    """What the command printed when it added the organisation to a site with the demo course and a
    rate of its own."""
    with worlds.shared(django_db_blocker, add_to_a_site) as printed:
        yield printed


def add_to_a_site() -> str:
    seed({})
    HourlyRate.objects.create(department="Office", amount=99)
    return demo(200)


def test_two_hundred_learners_agree_with_a_fresh_fold_and_get_their_certificates(output):
    assert "200/200 learners" in output
    checked = StringIO()
    call_command("check_progress", stdout=checked)
    assert checked.getvalue() == "Everything agrees.\n"
    messages = OutboxMessage.objects.waiting().filter(kind="course_completed")
    completed = CourseProgress.objects.filter(completed_at__isnull=False)
    assert messages.count() == completed.count() > 100
    outbox.send(list(messages.values_list("pk", flat=True)[:5]))
    with connection.cursor() as cursor:  # the other app's table, by name
        cursor.execute("SELECT count(*) FROM certificates_certificate")
        assert cursor.fetchone()[0] == 5
    assert FoldedEnrollment.objects.filter(is_due=True).count() == 0
    # Learners who fail watch the film again, which is recommended to the next ones.
    assert PeerContent.objects.filter(went_back__gte=5, content__code__startswith="film").exists()
    assert QuizRecord.objects.filter(next_passed__gte=5).exists()
    alerts = Alert.objects.unclosed()
    assert f" {alerts.count()} alerts opened" in output
    assert {"never_started", "failing"} <= set(alerts.values_list("kind", flat=True))
    # What would have been predicted was compared with what happened, week by week.
    assert RiskPrediction.objects.filter(has_failed__isnull=False).count() > 100
    assert RiskValidation.objects.exists()
    shown = set(RiskValidation.objects.filter(is_chosen=True).values_list("course_id", flat=True))
    scored = RiskScore.objects.exclude(source="")
    assert {risk.course_id for risk in scored} <= shown
    measured = RiskModel.objects.get(is_active=True).metrics
    assert f"{measured['passages']} finished enrolments looked back at by week" in output
    assert measured["passages"] > 100
    assert_rhythms_and_hard_passages()
    most = QuizAttempt.objects.values("user").annotate(n=Count("pk")).order_by("-n")[0]["n"]
    assert 9 <= most < build.ATTEMPT_IDS / 2


def test_every_printed_login_sees_learners(client, output):
    """The logins that the command prints, and the instructor that `bin/up` printed before it."""
    printed = output.partition("Logins")[2]
    usernames = [line.split()[0] for line in printed.splitlines()[1:]]
    assert usernames == ["org-manager", "org-ines", "org-bruno", "ines"]
    for username in usernames:
        client.force_login(User.objects.get(username=username))
        overview = client.get("/admin/").context["overview"]
        assert overview.sentence.learners > 0, username
        courses = {line.title for line in overview.courses}
        assert courses & {subject.title for subject in SUBJECTS}, username


def test_each_step_shows_that_it_is_still_running(output):
    """A line of its own at once, and again while it runs."""
    written: list[str] = []
    waited = threading.Event()

    def write(text: str) -> None:
        written.append(text)
        if len(written) > 3:
            waited.set()

    with step(write, "Scoring", lambda: 1234, every=0.001):
        assert written[0].startswith("Scoring")
        assert waited.wait(20)
    assert all(text.startswith("\rScoring, 1,234 done, ") for text in written[1:-1])
    assert written[-1] == "\n"
    with pytest.raises(ZeroDivisionError), step(write, "Failing", every=60):
        raise ZeroDivisionError
    steps = re.findall(r"(\d)/5 ", output)
    assert sorted(set(steps)) == ["1", "2", "3", "4", "5"]


def test_the_manager_finds_what_is_required_and_what_it_costs(client, output):
    client.force_login(User.objects.get(username=build.MANAGER))
    page = client.get(reverse("admin:insight-compliance")).content.decode()
    assert "There are no requirements" not in page
    assert "Working at height, on the floor" in page
    assert Exemption.objects.count() == 3
    rates = dict(HourlyRate.objects.values_list("department", "amount"))
    assert (rates["Office"], len(rates)) == (99, 4)  # what was there stays
    period = {"since": PLAN["until"] - timedelta(weeks=PLAN["weeks"]), "until": PLAN["until"]}
    assert " EUR" in client.get(reverse("admin:insight-return"), period).content.decode()


def test_every_chain_of_evidence_holds(output):
    """Of every eighth enrolment."""
    for progress in CourseProgress.objects.order_by("pk")[::8]:
        rows = ContentInteraction.objects.filter(enrollment=progress.pk).order_by("chain_index")
        head = evidence.GENESIS
        for index, row in enumerate(rows):
            head = evidence.link(head, row.record)
            assert (row.chain_index, bytes(row.chain_hash)) == (index, head)
        assert (progress.chain_length, bytes(progress.chain_hash)) == (len(rows), head)
    assert ContentInteraction.objects.count() > 1000


def assert_rhythms_and_hard_passages():
    course = Course.objects.get(code="org-height")
    subject = next(subject for subject in SUBJECTS if subject.code == course.code)
    tricky = hard(subject, 1)
    film = ContentEdition.objects.get(content__code="film-1a", content__module__course=course)
    seen = ContentCurve.objects.filter(edition=film).values_list("seen", flat=True)
    times = [sum(months) for months in zip(*seen, strict=True)]
    within = times[tricky.from_ms // 1000 + 1 : tricky.to_ms // 1000 - 1]
    assert min(within) > 1.15 * times[5]
    weekend = LearnerDay.objects.filter(day__week_day__in=[1, 7]).values("user").distinct().count()
    assert 20 < weekend < 180
    assert QuizAttempt.objects.filter(passed=False).count() > 20
