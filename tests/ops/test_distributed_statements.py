"""Every reading of the site, and what the API writes, as statements: each joins rows of learners by
their learner, and locks those of one.

This needs no distributed database: what is read here is the SQL.
"""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from progress.api.examples import examples
from progress.models import ContentProgress
from progress.operations.distribution import Placement, tables
from tests.api.test_examples import _send, caller  # noqa: F401
from tests.citus.every_reading import addresses, readers
from tests.factories import NOON, a_user
from tests.permissions.conftest import course, world  # noqa: F401
from tests.permissions.test_api import ROWS, _filled
from tests.support.callers import api
from tests.support.learner_joins import apart, locks_of_several

pytestmark = pytest.mark.django_db
SPREAD = set(tables(Placement.DISTRIBUTED))
# They read tables; a machine that looks for rows of learners may not begin to ask elsewhere.
ASKING = """
SELECT proname::text FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
WHERE pronamespace = 'public'::regnamespace AND lanname = 'sql' AND prosrc <> ''
"""


class Faults:
    """What no machine could answer, each with the first statement that asks for it."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ASKING)
            self._asking = [f"{name}(" for (name,) in cursor.fetchall()]
        assert "progress_team_v1(" in self._asking
        self.found: dict[str, str] = {}
        self.count = 0

    def note(self, captured: CaptureQueriesContext, what: str) -> None:
        for sql in (query["sql"] for query in captured):
            self.count += 1
            faults = [", ".join(sorted(names)) for names in apart(sql, SPREAD)]
            faults += [f"locks {table}" for table in locks_of_several(sql, SPREAD)]
            if any(table in sql for table in SPREAD):
                faults += [function for function in self._asking if function in sql]
            for fault in faults:
                self.found.setdefault(fault, f"{what}: {sql}")


def test_a_machine_finds_what_a_reading_needs(world, settings):  # noqa: F811
    """Rows of learners are joined by the learner, and no function asks for more."""
    settings.DATABASE_DISTRIBUTED = True
    faults = Faults()
    learner = ContentProgress.objects.order_by("-time_ms").first().user
    for at, (name, client, wanted) in enumerate(readers(learner, list(dict.fromkeys(addresses())))):
        # Readers differ only by the learners that they may see: the first reads everything, each
        # other one another quarter of it.
        for address in wanted[at::4] if at else wanted:
            connection.queries_log.clear()  # it keeps the last 9,000 only
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(address)
                if answer.streaming:
                    b"".join(answer.streaming_content)
            assert answer.status_code < 500, f"{name} {address}"
            faults.note(captured, f"{name} {address}")
    assert faults.count > 4000
    assert faults.found == {}


def test_a_machine_finds_what_a_writing_needs(caller, settings):  # noqa: F811
    """From a new course to the end of a session, as the description of the API shows it."""
    settings.DATABASE_DISTRIBUTED = True
    faults, session = Faults(), ""
    with time_machine.travel(NOON, tick=False) as clock:
        for example in examples():
            clock.shift(timedelta(minutes=1))
            with CaptureQueriesContext(connection) as captured:
                answer = _send(caller, example, session)
            assert answer.status_code == example["status"], answer.content
            session = answer.json().get("session_id", session)
            faults.note(captured, example["summary"])
    assert faults.count > 100
    assert faults.found == {}


WRITES = [row for row in ROWS if row.method != "get"]


def test_a_machine_finds_what_instructors_write(world, settings):  # noqa: F811
    """Alerts, letters, requirements and the rest of the analytics, each on its own."""
    settings.DATABASE_DISTRIBUTED = True
    faults, statuses = Faults(), []
    boss = api(a_user(is_staff=True, is_superuser=True))
    for row in WRITES:
        address = reverse(row.name, kwargs=_filled(row.way, world))
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            body = _filled(row.body or {}, world)
            statuses.append(getattr(boss, row.method)(address, body).status_code)
            transaction.set_rollback(True)
        faults.note(captured, f"{row.method} {row.name}")
    assert max(statuses) < 500 and sum(status < 300 for status in statuses) > 10
    assert faults.found == {}


JOINED = 'FROM "progress_enrollment" INNER JOIN "progress_courseprogress" ON ('
KEY = '"progress_enrollment"."id" = "progress_courseprogress"."enrollment_id"'
LEARNER = '"progress_enrollment"."user_id" = ("progress_courseprogress"."user_id")'
SESSIONS = 'SELECT 1 FROM "progress_learningsession" U0 WHERE U0."enrollment_id" = '


@pytest.mark.parametrize(
    ("sql", "is_apart"),
    [
        (f"SELECT 1 {JOINED}{KEY})", True),
        (f"SELECT 1 {JOINED}{KEY} AND {LEARNER})", False),
        (f'SELECT 1 {JOINED}{KEY}) WHERE "progress_enrollment"."user_id" = 7'
         ' AND "progress_courseprogress"."user_id" = 7', False),
        (f'SELECT 1 FROM "progress_enrollment" WHERE EXISTS({SESSIONS}'
         '("progress_enrollment"."id"))', True),
        (f'SELECT 1 FROM "progress_enrollment" WHERE EXISTS({SESSIONS}'
         '("progress_enrollment"."id") AND U0."user_id" = ("progress_enrollment"."user_id"))',
         False),
        (f'SELECT 1 FROM "progress_enrollment" WHERE "id" IN ({SESSIONS}5)', False),
        ('SELECT 1 FROM "progress_enrollment" INNER JOIN "progress_user" ON'
         ' ("progress_enrollment"."user_id" = "progress_user"."id")', False),
        ('SELECT 1 FROM "progress_learningsession" INNER JOIN "progress_user" ON'
         ' ("progress_learningsession"."user_id" = "progress_user"."id") INNER JOIN'
         ' "progress_enrollment" ON ("progress_user"."id" = "progress_enrollment"."user_id")',
         False),
    ],
)  # fmt: skip
def test_the_test_sees_what_is_apart(sql, is_apart):
    assert bool(apart(sql, SPREAD)) is is_apart


LOCKED = 'SELECT 1 FROM "progress_enrollment" WHERE "progress_enrollment"'


@pytest.mark.parametrize(
    ("sql", "is_of_several"),
    [
        (f'{LOCKED}."id" = 5 FOR UPDATE', True),
        (f'{LOCKED}."user_id" IN (5, 6) FOR NO KEY UPDATE', True),
        (f'{LOCKED}."user_id" = 5 FOR UPDATE OF "progress_enrollment"', False),
        (f'{LOCKED}."id" = 5', False),
        ('SELECT 1 FROM "progress_course" WHERE "progress_course"."id" = 5 FOR UPDATE', False),
    ],
)
def test_the_test_sees_whose_rows_are_locked(sql, is_of_several):
    assert bool(locks_of_several(sql, SPREAD)) is is_of_several
