"""The printed plan on a real Citus."""

import re
import subprocess

import pytest

from progress.operations.distribution import Placement, tables

from .cluster import Cluster
from .distributed import apply, manage, run_python


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


_REFUSED = """
import uuid, django
django.setup()
from django.db import IntegrityError, transaction
from progress.models import Enrollment, User
from progress.security.managers import would_be_circle
from tests.factories import NOON, a_test_course, a_user

def refused(change):
    try:
        with transaction.atomic():
            change()
    except IntegrityError as error:
        return str(error).partition(chr(10))[0]

head, lead, person = (a_user(username=uuid.uuid4().hex) for _ in range(3))
User.objects.filter(pk=lead.pk).update(manager=head)
User.objects.filter(pk=person.pk).update(manager=lead)
course = a_test_course(code=uuid.uuid4().hex)
enrollment = Enrollment(user=person, course=course, cycle=1, enrolled_at=NOON)
print(would_be_circle(head.pk, person.pk), would_be_circle(person.pk, head.pk))
print(refused(lambda: User.objects.filter(pk=head.pk).update(manager=person)))
print(refused(lambda: User.objects.filter(pk=person.pk).update(is_test=True)))
print(refused(enrollment.save))
"""


def test_guards_read_what_every_node_has(cluster):
    """Each looks at rows of another table, or at other rows of its own."""
    asked, circle, mark, course = run_python(cluster, "-c", _REFUSED).splitlines()
    assert asked == "True False"
    assert re.fullmatch(r"user \d+ reports to \d+, directly or through others", circle)
    assert re.fullmatch(r"Whether progress_user\w* \d+ is a test can not be changed.", mark)
    assert course.startswith("Only test learners can be in the test course ")


def test_a_transaction_asks_a_node_over_one_connection(cluster):
    """After several at once it could not write what every node has."""
    assert cluster.coordinator.execute("SHOW citus.multi_shard_modify_mode") == [("sequential",)]


def test_it_ends_at_the_first_error(cluster):
    first, *_ = cluster.plan.splitlines()
    broken = [first, "SELECT 1 / 0;", "CREATE TABLE made_after_the_error ();"]
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
