"""A Citus for the tests of this folder."""

import pytest

from .cluster import BINARIES
from .distributed import distributed_cluster


def pytest_collection_modifyitems(items):
    if not BINARIES:
        for item in items:
            if "/citus/" in item.nodeid:
                item.add_marker(pytest.mark.skip("CITUS_BINARIES names no PostgreSQL with Citus"))


@pytest.fixture(scope="session")
def cluster():
    """One for all: the API's tests come first, and leave nothing; each other test has its own
    learners."""
    with distributed_cluster() as made:
        yield made
