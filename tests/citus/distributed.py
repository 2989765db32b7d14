"""A database that is distributed by the printed plan, as an operator would, and work on it.

Nothing here needs Django's settings: tests/settings.py makes such a database before they are known.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lms_progress.embedded.state import CHECKOUT

from .cluster import BINARIES, Cluster


@contextmanager
def distributed_cluster() -> Iterator[Cluster]:
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


def run_python(
    cluster: Cluster, *arguments: str, distributed: bool = True, **variables: str
) -> str:
    """The output of Python with these arguments, on the coordinator's database.

    Raises CalledProcessError, which says what was printed last.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment(cluster, distributed=distributed) | variables,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        done.check_returncode()
    except subprocess.CalledProcessError as error:
        error.add_note(done.stdout[-8000:])
        raise
    return done.stdout


def environment(cluster: Cluster, *, distributed: bool = True) -> dict[str, str]:
    """That of a process of the site on the coordinator's database."""
    names = {"DATABASE_URL": cluster.coordinator.url, "DATABASE_DISTRIBUTED": str(distributed)}
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
