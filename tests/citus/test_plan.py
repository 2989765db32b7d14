"""The printed plan on a real Citus."""

import subprocess

import pytest

from progress.operations.distribution import Placement, tables

from .cluster import Cluster
from .conftest import apply, manage


def kinds(cluster: Cluster) -> dict[str, str]:
    rows = cluster.coordinator.execute(
        "SELECT table_name::text, citus_table_type FROM citus_tables"
    )
    return dict(rows)


def test_it_applies_without_an_error(cluster):
    """The fixture has applied it: any error would have ended there."""
    found = kinds(cluster)
    assert {found[table] for table in tables(Placement.DISTRIBUTED)} == {"distributed"}
    assert {found[table] for table in tables(Placement.REFERENCE)} == {"reference"}
    assert not {"distributed", "reference"} & {
        found.get(table) for table in tables(Placement.LOCAL)
    }


def test_a_learners_tables_are_side_by_side(cluster):
    [(groups,)] = cluster.coordinator.execute(
        "SELECT count(DISTINCT colocation_id) FROM citus_tables"
        " WHERE citus_table_type = 'distributed'"
    )
    assert groups == 1


def test_learners_rows_are_related_with_the_learner(cluster):
    definitions = cluster.coordinator.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = 'progress_learningsession'::regclass"
    )
    found = {text for (text,) in definitions}
    whole = "FOREIGN KEY (user_id, enrollment_id) REFERENCES progress_enrollment(user_id, id)"
    assert f"{whole} DEFERRABLE INITIALLY DEFERRED" in found
    assert len(found) == 5


def test_the_guard_of_waivers_stands(cluster):
    [(guards,)] = cluster.coordinator.execute(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'progress_waiver'::regclass"
        " AND tgname = 'waiver_stays'"
    )
    assert guards == 1


def test_it_ends_at_the_first_error(cluster):
    lines = manage(cluster, "distribution_plan", distributed=False).splitlines()
    first = lines.index(next(line for line in lines if line.startswith("CREATE EXTENSION")))
    broken = [*lines[: first + 1], "SELECT 1 / 0;", "CREATE TABLE made_after_the_error ();"]
    with pytest.raises(subprocess.CalledProcessError) as error:
        apply(cluster, "\n".join(broken))
    assert "division by zero" in error.value.stderr
    assert cluster.coordinator.execute("SELECT to_regclass('made_after_the_error')") == [(None,)]


def test_what_was_distributed_is_refused_a_second_time(cluster):
    """The plan of a distributed database would be wrong; it says so instead of printing one."""
    with pytest.raises(subprocess.CalledProcessError):
        manage(cluster, "distribution_plan")


def test_a_rehearsal_says_how_it_went_and_leaves_nothing():
    with Cluster(workers=0) as alone:
        manage(alone, "migrate", "--verbosity", "0", distributed=False)
        said = manage(alone, "distribution_plan", "--rehearse", distributed=False)
        assert said.splitlines()[-1].startswith("Every statement succeeded")
        databases = alone.coordinator.execute("SELECT datname FROM pg_database ORDER BY 1")
        assert [name for (name,) in databases] == ["lms", "postgres", "template0", "template1"]
        assert alone.coordinator.execute("SELECT extname FROM pg_extension") == [("plpgsql",)]
