"""Every reading of the site, as statements: each joins rows of learners by their learner.

This needs no distributed database: what is read here is the SQL.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.models import ContentProgress
from progress.operations.distribution import Placement, tables
from tests.citus.every_reading import addresses, readers
from tests.permissions.conftest import course, world  # noqa: F401
from tests.support.learner_joins import apart

pytestmark = pytest.mark.django_db
SPREAD = set(tables(Placement.DISTRIBUTED))
# They read tables; a machine that looks for rows of learners may not begin to ask elsewhere.
ASKING = """
SELECT proname::text FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
WHERE pronamespace = 'public'::regnamespace AND lanname = 'sql' AND prosrc <> ''
"""


def test_a_machine_finds_what_a_reading_needs(world, settings):  # noqa: F811
    """Rows of learners are joined by the learner, and no function asks for more."""
    settings.DATABASE_DISTRIBUTED = True
    with connection.cursor() as cursor:
        cursor.execute(ASKING)
        asking = [f"{name}(" for (name,) in cursor.fetchall()]
    assert "progress_team_v1(" in asking
    learner = ContentProgress.objects.order_by("-time_ms").first().user
    found, count = {}, 0
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
            for sql in (query["sql"] for query in captured):
                count += 1
                faults = [", ".join(sorted(names)) for names in apart(sql, SPREAD)]
                if any(table in sql for table in SPREAD):
                    faults += [function for function in asking if function in sql]
                for fault in faults:
                    found.setdefault(fault, f"{name} {address}: {sql}")
    assert count > 4000
    assert found == {}


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
