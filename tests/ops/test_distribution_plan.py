"""What the plan for several machines does to keys, triggers and functions, on one database.

All of it but Citus' own functions is carried out here; `tests/citus` does the rest.
"""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from progress.operations.changes import ChangesNotKept, changes_since
from progress.operations.distribution import Placement, tables
from tests.api.test_following import followed_lists

pytestmark = pytest.mark.django_db
SPREAD, SHARED, LOCAL = (
    set(tables(place)) for place in (Placement.DISTRIBUTED, Placement.REFERENCE, Placement.LOCAL)
)
# Called by themselves, or by triggers that are left out: only the coordinator needs them.
ON_THE_COORDINATOR = {"progress_changes_began", "connections_record_v1"}


@pytest.fixture
def plan() -> list[str]:
    out = StringIO()
    call_command("distribution_plan", stdout=out)
    return out.getvalue().splitlines()


def rows(query: str, *parameters) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def carry_out(plan: list[str]) -> None:
    ours = ("ALTER", "DROP", "CREATE UNIQUE", "DO", "UPDATE", "CREATE TRIGGER")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for line in plan:
            if line.startswith(ours):
                cursor.execute(line)


FOREIGN_KEYS = """
SELECT conrelid::regclass::text, confrelid::regclass::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
"""


def test_no_foreign_key_leads_to_rows_that_may_be_on_another_machine(plan):
    carry_out(plan)
    found = rows(FOREIGN_KEYS)
    assert any({own, other} <= SPREAD for own, other, _ in found)
    for own, other, definition in found:
        if other in SPREAD:
            assert own in SPREAD, definition
            assert re.search(r"KEY \(user_id, .*REFERENCES \w+\(user_id, ", definition), definition
        elif own in SPREAD:
            assert other in SHARED, definition


def test_what_every_machine_has_leads_to_what_every_machine_has(plan):
    """A copy on another machine can't look at a table of the coordinator's."""
    carry_out(plan)
    for own, other, definition in rows(FOREIGN_KEYS):
        assert own not in SHARED or other in SHARED, definition


TRIGGERS = """
SELECT tgrelid::regclass::text, tgname::text, prosrc
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND tgparentid = 0 AND tgrelid = ANY(%s::regclass[]) ORDER BY 1, 2
"""


def test_what_refuses_a_change_stays_and_what_notes_one_is_left_out(plan):
    before = rows(TRIGGERS, sorted(SPREAD | SHARED))
    carry_out(plan)
    after = rows(TRIGGERS, sorted(SPREAD | SHARED))
    assert {name for _, name, _ in after} == {
        "certificate_facts_never_change",
        "certificate_stays",
        "outside_completion_stays",
        "packet_never_changes",
        "packet_stays",
        "rendition_stays",
        "revocation_stays",
        "test_course_only",
        "test_mark_kept",
        "user_manager_no_circle",
        "waiver_stays",
    }
    assert all(
        "INSERT INTO" in source or "record_v1" in source for *_, source in {*before} - {*after}
    )


def test_no_list_seems_to_be_followed_there(plan):
    """Also none of the coordinator's: Citus moves rows and triggers of some of its tables to shards
    of another name, and notes under that name would never be found."""
    lists = {name: cls for name, cls in followed_lists().items() if hasattr(cls, "followed")}
    assert len(lists) > 15
    carry_out(plan)
    for name, cls in lists.items():
        with pytest.raises(ChangesNotKept):
            changes_since(cls.followed.tables, timezone.now())
            pytest.fail(name)


def test_what_refuses_a_change_reads_only_what_every_machine_has(plan):
    carry_out(plan)
    asked = [
        name
        for *_, source in rows(TRIGGERS, sorted(SPREAD | SHARED))
        for name in re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", source)
    ]
    assert "progress_user" in asked
    functions = {name for name in asked if name.endswith("_v1")}
    assert set(asked) - functions <= SHARED
    assert functions <= on_every_machine(plan)


def on_every_machine(plan: list[str]) -> set[str]:
    found = [re.match(r"SELECT create_distributed_function\('(\w+)\(", line) for line in plan]
    return {match[1] for match in found if match}


FUNCTIONS = """
SELECT proname::text, lanname = 'sql', prosrc <> '' FROM pg_proc
JOIN pg_language ON pg_language.oid = prolang
WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def test_every_function_that_statements_call_is_in_the_plan(plan):
    """One in SQL runs where its rows are. One in PL/pgSQL makes statements, on the coordinator."""
    prepared = {
        match[1]
        for line in plan
        if (match := re.match(r"ALTER FUNCTION (\w+)\(.*force_custom_plan;", line))
    }
    found = [row for row in rows(FUNCTIONS) if row[0] not in ON_THE_COORDINATOR]
    assert len(found) > 10
    for name, is_sql, has_statements in found:
        assert (name in on_every_machine(plan)) is is_sql, name
        # Without a setting PostgreSQL would make it part of its caller's plan, and Citus, which
        # has planned by then, would not see its tables: they seem to be empty.
        assert (name in prepared) is has_statements, name
