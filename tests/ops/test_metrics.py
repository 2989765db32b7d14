"""/metrics tells an operator what happens; without a database or broker it still answers."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from certificates.tasks import render_certificate
from lms_progress import metrics, queues
from progress.models import Drift, Job, OutboxMessage, OutgoingMail, SetAside
from progress.operations import broker, outbox
from tests.factories import NOON, a_course_of, a_session, content, report, scheduled

VIDEO = {"content_type": "video", "duration_seconds": 600}


@pytest.fixture
def sampled(client, db):
    """Ask for all samples: `{(name, labels in order): value}`."""

    def ask() -> dict:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return ask


def counted(name: str, **labels) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db(transaction=True)
def test_events_and_withheld_time_are_counted_after_commit():
    course = a_course_of(VIDEO)
    session = a_session(course)
    before = counted("lms_events_total", status="accepted")
    withheld = counted("lms_withheld_seconds_total", kind="coverage", reason="rate")
    credited = counted("lms_credited_seconds_total")
    far = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 300]],
        "duration_seconds": 15,
    }
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        report(session, far, now=NOON + timedelta(seconds=15))
        raise ZeroDivisionError
    assert counted("lms_events_total", status="accepted") == before
    receipt = report(session, far, now=NOON + timedelta(seconds=15))
    assert counted("lms_events_total", status="accepted") == before + 1
    assert counted("lms_credited_seconds_total") == credited + 15
    (outcome,) = receipt.outcomes
    assert outcome.withheld_ms > 0
    assert counted(
        "lms_withheld_seconds_total", kind="coverage", reason="rate"
    ) - withheld == pytest.approx(outcome.withheld_ms / 1000)


def test_waiting_work_and_problems_are_shown(sampled):
    now = timezone.now()
    session = a_session(a_course_of(VIDEO))
    OutboxMessage.objects.create(kind="k", key="1", created_at=now - timedelta(minutes=10))
    OutboxMessage.objects.create(kind="k", key="2", created_at=now, set_aside_at=now)
    for number, state in enumerate(["sent", "unknown", "unknown", "failed"]):
        OutgoingMail.objects.create(
            kind="k", key=str(number), state=state, created_at=now, retry_at=now
        )
    SetAside.objects.create(job="j", row=1, error="", set_aside_at=now)
    Drift.objects.create(
        enrollment_id=session.enrollment_id, what="w", stored="", fresh="", found_at=now
    )
    scheduled("progress.tasks.close_idle_sessions")
    Job.objects.update_or_create(
        name="progress.tasks.close_idle_sessions",
        defaults={
            "succeeded_at": now - timedelta(minutes=11),
            "duration_ms": 1500,
            "failures_in_a_row": 4,
        },
    )
    samples = sampled()
    assert samples["lms_outbox_waiting",] == 1
    assert 600 <= samples["lms_outbox_age_seconds",] < 610
    assert samples["lms_outbox_set_aside",] == 1
    mails = {state: samples["lms_mail", state] for state in ("waiting", "failed", "unknown")}
    assert mails == {"waiting": 0, "failed": 1, "unknown": 2}
    assert samples["lms_drift_open",] == samples["lms_rows_set_aside",] == 1
    sweep = "progress.tasks.close_idle_sessions"
    assert 590 <= samples["lms_job_lag_seconds", sweep] < 610
    assert samples["lms_job_duration_seconds", sweep] == 1.5
    assert samples["lms_job_failures_in_a_row", sweep] == 4
    assert samples["lms_reachable", "database"] == samples["lms_reachable", "broker"] == 1


def test_the_queue_shows_its_depth_and_the_age_of_its_oldest_task(sampled, monkeypatch):
    assert sampled()["lms_queue_depth", "celery"] == 0
    hour_ago = timezone.now().timestamp() - 3600
    monkeypatch.setattr(queues.time, "time", lambda: hour_ago)
    assert broker.enqueue(outbox.send_messages, [])
    monkeypatch.undo()
    assert broker.enqueue(outbox.send_messages, [])
    samples = sampled()
    assert samples["lms_queue_depth", "celery"] == 2
    assert 3600 <= samples["lms_queue_age_seconds", "celery"] < 3660
    assert samples["lms_queue_depth", "celery-last"] == 0


def test_certificate_files_waiting_last_are_counted_separately(sampled):
    assert broker.enqueue(render_certificate, 1)
    samples = sampled()
    assert samples["lms_queue_depth", "celery"] == 0
    assert samples["lms_queue_depth", "celery-last"] == 1
    assert samples["lms_queue_age_seconds", "celery-last"] < 60


def test_a_request_is_timed_by_its_route_and_never_by_its_path(client, sampled):
    def answered(route: str, status: str) -> float:
        return counted("lms_request_seconds_count", route=route, method="GET", status=status)

    before = answered("healthz", "2xx"), answered("none", "4xx")
    client.get("/healthz")
    client.get("/no/such/page/4711")
    assert (answered("healthz", "2xx"), answered("none", "4xx")) == (before[0] + 1, before[1] + 1)
    assert not any("4711" in str(labels) for labels in sampled())


def test_methods_that_nobody_knows_share_one_line(client, sampled):
    for number in range(20):
        client.generic(f"X{number}", "/healthz")
    lines = client.get("/metrics").content.decode()
    assert 'method="other"' in lines
    assert 'method="X' not in lines


def test_it_answers_while_database_and_broker_are_away(sampled, monkeypatch):
    def away(*_):
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "_in_database", away)
    monkeypatch.setattr(metrics, "_in_broker", away)
    monkeypatch.setattr(metrics, "UNREACHABLE", OperationalError)
    samples = sampled()
    assert samples["lms_reachable", "database"] == samples["lms_reachable", "broker"] == 0
    assert ("lms_outbox_waiting",) not in samples


def test_a_site_behind_https_passes_djangos_deployment_checks(monkeypatch):
    """In a process of its own, since settings are read once."""
    import os
    import subprocess
    import sys

    environment = os.environ | {
        "PUBLIC_URL": "https://learn.example.org",
        "PROXY_COUNT": "1",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "DJANGO_SETTINGS_MODULE": "lms_progress.settings",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    call_command("check")
