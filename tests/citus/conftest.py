"""A Citus for the tests of this folder, distributed by the printed plan as an operator would."""

import os
import subprocess
import sys

import pytest

from lms_progress.embedded.state import CHECKOUT

from .cluster import BINARIES, Cluster


def pytest_collection_modifyitems(items):
    if not BINARIES:
        for item in items:
            if "/citus/" in item.nodeid:
                item.add_marker(pytest.mark.skip("CITUS_BINARIES names no PostgreSQL with Citus"))


@pytest.fixture(scope="module")
def cluster():
    """A coordinator and two workers with the migrated, empty and distributed tables."""
    with Cluster() as made:
        manage(made, "migrate", "--verbosity", "0", distributed=False)
        made.plan = manage(made, "distribution_plan", distributed=False)
        made.join_nodes()
        apply(made, made.plan)
        yield made


def manage(cluster: Cluster, *arguments: str, distributed: bool = True) -> str:
    """The output of a command of `manage.py` on the coordinator's database."""
    return run_python(cluster, "manage.py", *arguments, distributed=distributed)


def run_python(cluster: Cluster, *arguments: str, distributed: bool = True) -> str:
    """The output of Python with these arguments, on the coordinator's database."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment(cluster, distributed=distributed),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def environment(cluster: Cluster, *, distributed: bool = True) -> dict[str, str]:
    names = {"DATABASE_URL": cluster.coordinator.url, "DJANGO_SETTINGS_MODULE": ""}
    names |= {"DATABASE_DISTRIBUTED": str(distributed)}
    kept = {key: value for key, value in os.environ.items() if key != "TEST_TEMPLATE"}
    return kept | names | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}


def apply(cluster: Cluster, plan: str) -> None:
    """As `psql -f plan.sql`. Raises CalledProcessError at the first error of a statement."""
    subprocess.run(
        [f"{BINARIES}/psql", "--no-psqlrc", "--quiet", cluster.coordinator.url],
        input=plan,
        text=True,
        check=True,
        capture_output=True,
        env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"},
    )
