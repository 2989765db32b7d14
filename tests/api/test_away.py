"""While the database is away, callers are asked to try again."""

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError
from rest_framework.test import APIClient

from progress.ingest import recorder
from tests.factories import a_course, content
from tests.support.employee_api import Learner

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (OperationalError("server closed the connection"), 503, "5"),
        (InterfaceError("connection already closed"), 503, "5"),
        (IntegrityError("a bug"), 500, None),
    ],
)
def test_temporary_database_errors_answer_503_with_retry_after(error, status, wait, monkeypatch):
    learner = Learner(a_course())
    learner.start()

    def away(*_, **__):
        raise error

    monkeypatch.setattr(recorder, "record", away)
    event = {"content_id": content(learner.course, "video").pk, "interaction_type": "view"}
    client = APIClient(
        raise_request_exception=False,
        HTTP_AUTHORIZATION=f"Session {learner.started['session_token']}",
    )
    body = {"session_id": learner.started["session_id"]} | event
    answer = client.post("/api/employee/update_progress", body)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == wait
    assert answer.json()["type"] == "server_error"
    assert "connection" not in answer.content.decode()
