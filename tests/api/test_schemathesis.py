"""The API against its own description, for four callers: each answer is one that it documents.

Schemathesis makes requests of each operation, valid ones and ones that break what the description
states, and holds the answers with all of its checks. The requests are the same in every run.
"""

from functools import cache
from pathlib import Path

import pytest
import schemathesis
from django.conf import settings as project
from django.contrib.auth.models import Permission
from django.core import signals
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.internal.conjecture import providers
from knox.models import AuthToken
from schemathesis import GenerationMode
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.specs.openapi.checks import negative_data_rejection

from connections.webhooks import endpoints
from lms_progress.wsgi import application
from progress.models import Content, User
from tests.factories import a_course, a_learner, a_session, a_user, an_instructor

pytestmark = pytest.mark.django_db

CALLERS = ["anonymous", "learner", "instructor", "service account"]
EXAMPLES = 4  # for each operation, both valid and invalid, each sent for every caller
# Streams are served by ASGI only; under WSGI it answers 503, see test_description.py.
LEFT_OUT = {"stream"}
# What a schema can express. Valid data may be refused for other reasons: an unknown course, say.
STATED = {
    "blank",
    "max_length",
    "max_value",
    "min_length",
    "min_value",
    "not_a_list",
    "null",
    "parse_error",
    "unknown_field",
    "unknown_parameter",
}


@pytest.fixture(autouse=True)
def _requests_keep_the_connection():
    """Keeps the database connection open, as Django's test client does, for the transaction."""
    around = (signals.request_started, signals.request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield
    for signal in around:
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _the_same_requests_in_every_run(monkeypatch):
    """Otherwise constants from loaded modules would be mixed into the examples."""
    monkeypatch.setattr(providers, "_get_local_constants", providers.Constants)


@cache
def description():
    path = Path(project.BASE_DIR) / "docs" / "openapi.yaml"
    schema = schemathesis.openapi.from_path(path)
    schema.app = application
    # Null characters are refused in every text, which a schema can't state.
    schema.config.generation.allow_x00 = False
    accepted = schema.config.checks.positive_data_acceptance
    accepted.expected_statuses = [*accepted.expected_statuses, "400"]  # but see `STATED`
    return schema


def operations():
    found = [result.ok() for result in description().get_all_operations()]
    return [each for each in found if each.definition.raw["operationId"] not in LEFT_OUT]


class World:
    """A course with a learner in a session, and the headers of each caller."""

    def __init__(self):
        course = a_course()
        learner = a_learner(course)
        self.session = str(a_session(course, learner).pk)
        accounts = _accounts(course, learner)
        # Schemathesis doesn't unpack what a WSGI application compressed.
        self.headers = {
            caller: _key(account) | {"Accept-Encoding": "identity"}
            for caller, account in accounts.items()
        }
        enrollment = learner.enrollments.get().pk
        self._by_name = {
            "course_id": course.pk,
            "user_id": learner.pk,
            "learner_id": learner.pk,
            "content_id": Content.objects.filter(module__course=course).first().pk,
            "enrollment_id": enrollment,
        }
        self._ids = {
            "/api/courses/{id}/": course.pk,
            "/api/learners/{id}/": learner.pk,
            "/api/enrollments/{id}/": enrollment,
        }
        self._add_endpoint(accounts["service account"])

    def _add_endpoint(self, owner) -> None:
        values = {"url": "https://example.org/hook", "events": ["*"]}
        endpoint, _secret = endpoints.create(owner, values, timezone.now())
        self._by_name["endpoint_id"] = endpoint.pk
        for action in ("", "ping/", "replay/", "rotate/"):
            self._ids[f"/api/webhooks/{{id}}/{action}"] = endpoint.pk

    def address(self, operation) -> dict[str, int]:
        """The values of the operation's path, if there are such rows here."""
        known = self._by_name | {"id": self._ids.get(operation.path)}
        names = [each.name for each in operation.path_parameters]
        return {name: known[name] for name in names if known.get(name)}


def _accounts(course, learner) -> dict[str, User | None]:
    """The accounts of `CALLERS`."""
    rights = Permission.objects.filter(
        content_type__app_label__in=["progress", "certificates", "analytics", "connections"]
    )
    instructor = an_instructor(course)
    instructor.user_permissions.set(rights.filter(codename__startswith="view_"))
    service = a_user()
    service.user_permissions.set(rights)
    return dict(zip(CALLERS, (None, learner, instructor, service), strict=True))


def _key(account: User | None) -> dict[str, str]:
    if account is None:
        return {}
    return {"Authorization": f"Token {AuthToken.objects.create(account)[1]}"}


def can_be_broken(operation) -> bool:
    """Whether the description has a rule for requests that could be broken."""
    in_path = (each.definition["schema"] for each in operation.path_parameters)
    is_any_text = all(schema == {"type": "string"} for schema in in_path)
    return bool(operation.body or operation.query or not is_any_text)


def has_empty_field(case) -> bool:
    """Whether a form leaves a field empty: this counts as no value, while JSON refuses it."""
    is_form = case.media_type in {"application/x-www-form-urlencoded", "multipart/form-data"}
    return is_form and isinstance(case.body, dict) and "" in case.body.values()


def test_every_answer_matches_the_description():
    """To make up a request costs five times what an answer does: each is sent for every caller."""
    world = World()
    faults = []
    for operation in operations():
        faults += broken(operation, GenerationMode.POSITIVE, world)
        if can_be_broken(operation):
            faults += broken(operation, GenerationMode.NEGATIVE, world)
    assert not faults, f"{len(faults)} faults\n\n" + "\n\n".join(faults)


def test_most_operations_are_tried_with_invalid_requests():
    asked = operations()
    assert len(asked) > 80
    assert len([each for each in asked if can_be_broken(each)]) > len(asked) * 0.9


def is_only_space(body, error) -> bool:
    """Whether a text of spaces was refused as blank, at any depth.

    A schema can't say what counts as space.
    """
    for name in (error["attr"] or "").split("."):
        if isinstance(body, list) and name.isdigit():
            body = body[int(name)] if int(name) < len(body) else None
        else:
            body = body.get(name) if isinstance(body, dict) else None
    return error["code"] == "blank" and isinstance(body, str) and body != ""


def names_invalid_rows(response) -> bool:
    """Whether a bulk request was answered row by row, with a row that is refused."""
    return any(each["status"] == "invalid" for each in response.json()["results"])


def broken(operation, mode: GenerationMode, world: World) -> list[str]:
    """Send an operation valid or invalid requests, each for every caller. Returns what is wrong
    with the answers, once for each caller."""
    is_valid = mode is GenerationMode.POSITIVE
    fixed = world.address(operation) if is_valid else {}
    faults: dict[str, str] = {}

    cases = operation.as_strategy(
        generation_mode=mode, path_parameters=fixed or None, feedback=FeedbackSources()
    )

    @given(case=cases)
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        if is_valid and isinstance(case.body, dict) and "session_id" in case.body:
            case.body["session_id"] = world.session
        for caller, headers in world.headers.items():
            try:
                send(case, headers, is_valid=is_valid)
            except Exception as error:  # go on with the others, and show all faults at once
                label = f"{mode.value} {operation.label}, {caller}"
                faults.setdefault(caller, f"{label}: {error}"[:2000])

    ask()
    return list(faults.values())


def send(case, headers: dict[str, str], *, is_valid: bool) -> None:
    """Send one request, whose changes are taken back. Raises for an answer that is wrong."""
    is_by_row = case.operation.path.endswith("/bulk/")
    with transaction.atomic():
        response = case.call_and_validate(
            headers=headers,
            excluded_checks=(
                [negative_data_rejection] if is_by_row or has_empty_field(case) else []
            ),
        )
        transaction.set_rollback(True)
    if is_by_row and not is_valid and response.status_code == 200:
        assert names_invalid_rows(response), case.as_curl_command()
    if is_valid and response.status_code == 400:
        refused = [
            each
            for each in response.json()["errors"]
            if each["code"] in STATED and not is_only_space(case.body, each)
        ]
        assert not refused, f"{refused}\n{case.as_curl_command()}"
