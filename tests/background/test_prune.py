"""What is no longer needed is deleted; what may be needed stays."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import AuthToken

from progress import tasks
from progress.models import Drift, Job, OutboxMessage
from progress.operations import retention
from tests.factories import a_course, a_learner, a_user, enrolled

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_and_new():
    """An old and a new one of everything that is pruned."""
    now = timezone.now()
    enrollment = enrolled(a_learner(), a_course())
    for age in (timedelta(days=91), timedelta(days=89)):
        then = now - age
        message = {"kind": "k", "created_at": then}
        OutboxMessage.objects.create(key=f"sent {age}", sent_at=then, **message)
        OutboxMessage.objects.create(key=f"waiting {age}", **message)
        drift = {"enrollment": enrollment, "stored": "", "fresh": "", "found_at": then}
        Drift.objects.create(what="mended", resolved_at=then, **drift)
        Drift.objects.create(what=f"open {age}", **drift)
    for left in (timedelta(seconds=-1), timedelta(days=1)):
        key = AuthToken.objects.create(a_user())[0]
        AuthToken.objects.filter(pk=key.pk).update(expiry=now + left)
        store = SessionStore()
        store.create()
        Session.objects.filter(pk=store.session_key).update(expire_date=now + left)


def test_old_rows_are_deleted_and_others_stay(old_and_new, monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 1)
    tasks.prune()
    assert Job.objects.get(name="progress.tasks.prune").rows == 4
    assert OutboxMessage.objects.filter(sent_at=None).count() == 2
    assert OutboxMessage.objects.exclude(sent_at=None).count() == 1
    assert Drift.objects.open().count() == 2
    assert Drift.objects.exclude(resolved_at=None).count() == 1
    assert AuthToken.objects.count() == Session.objects.count() == 1
