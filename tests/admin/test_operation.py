"""Jobs, rows set aside and messages: an administrator sees and retries them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from progress.models import Job, OutboxMessage, SetAside
from tests.factories import NOON, scheduled
from tests.support.admin import a_staff_member, page, text_of

SWEEP = "progress.tasks.close_idle_sessions"


def a_job(**values) -> Job:
    scheduled(SWEEP)
    now = timezone.now()
    values = {"started_at": now, "finished_at": now, "succeeded_at": now} | values
    return Job.objects.update_or_create(name=SWEEP, defaults=values)[0]


def row_of_sweep(window) -> str:
    return text_of(window.get(page(Job), {"q": SWEEP}))


def test_a_job_shows_its_last_run(window):
    a_job(duration_ms=1500, rows=42, runs=77, failures=3)
    SetAside.objects.create(job=SWEEP, row=1, error="", set_aside_at=NOON)
    assert "close_idle_sessions OK" in row_of_sweep(window)
    assert "1.5 s 42 77 3 1" in row_of_sweep(window)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"succeeded_at": timezone.now() - timedelta(hours=3)}, "Late: "),
        ({"failures_in_a_row": 1, "last_error": "RuntimeError: no"}, "Failing"),
        ({"finished_at": None}, "Running, or was killed"),
        ({"started_at": None}, "Has never run"),
    ],
)
def test_a_failing_or_late_job_shows_its_state(values, said, window):
    a_job(**values)
    assert said.replace(" ", "\xa0") in row_of_sweep(window).replace(" ", "\xa0")


def act(window, model, action: str):
    rows = list(model.objects.values_list("pk", flat=True))
    return window.post(page(model), {"action": action, "_selected_action": rows}, follow=True)


def aside_and_message():
    SetAside.objects.create(job=SWEEP, row=1, error="", set_aside_at=NOON)
    OutboxMessage.objects.create(kind="k", key="1", created_at=NOON, set_aside_at=NOON, attempts=9)


def test_an_administrator_can_retry_rows_and_messages(window):
    aside_and_message()
    assert "1 row will be retried in the job" in text_of(act(window, SetAside, "try_again"))
    assert not SetAside.objects.exists()
    assert "1 message will be sent with the next sweep" in text_of(
        act(window, OutboxMessage, "send_again")
    )
    assert OutboxMessage.objects.due(timezone.now()).exists()


def test_staff_who_may_only_view_start_no_actions(sign_in):
    aside_and_message()
    reader = a_staff_member("view_all_progress", "view_setaside", "view_outboxmessage")
    for model, action in ((SetAside, "try_again"), (OutboxMessage, "send_again")):
        assert act(sign_in(reader), model, action).status_code in {200, 403}
    assert SetAside.objects.exists()
    assert not OutboxMessage.objects.waiting().exists()
