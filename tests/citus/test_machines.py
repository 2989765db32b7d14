"""Machines come and go while learners report."""

import threading

import pytest

from tests.conftest import Site

from .distributed import environment
from .learners import begin, stored, worker_ports

LEARNERS = 16


@pytest.fixture
def site(cluster, tmp_path):
    served = Site(environment(cluster), tmp_path / "web.log")
    served.start()
    yield served.url
    served.stop()


def test_a_worker_that_is_added_takes_over_learners_who_are_reporting(cluster, site):
    reporters = begin(cluster, LEARNERS)
    before = worker_ports(cluster, reporters)
    is_over = threading.Event()
    threads = [threading.Thread(target=r.report_until, args=(site, is_over)) for r in reporters]
    for thread in threads:
        thread.start()
    try:
        added = cluster.add_worker()
        cluster.coordinator.execute("SELECT rebalance_table_shards()")
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    after = worker_ports(cluster, reporters)
    assert [user for user in after if after[user] == added.port != before[user]]
    _nothing_is_lost(cluster, reporters)
    assert [reporter.report(site) for reporter in reporters] == [200] * LEARNERS
    assert {status for reporter in reporters for status in reporter.statuses} <= {200, 503}


def test_of_a_worker_that_is_gone_the_learners_are_asked_to_come_again(cluster, site):
    reporters = begin(cluster, LEARNERS)
    for reporter in reporters:
        assert reporter.report(site) == 200
    gone = cluster.workers[0]
    ports = worker_ports(cluster, reporters)
    theirs = [reporter for reporter in reporters if ports[reporter.user] == gone.port]
    others = [reporter for reporter in reporters if reporter not in theirs]
    assert theirs and others
    gone.kill()
    try:
        assert {reporter.report(site) for reporter in theirs} == {503}
        assert {reporter.waits[-1] for reporter in theirs} == {"5"}
        assert {reporter.report(site) for reporter in others} == {200}
        # At once, so that both kinds are in one group.
        threads = [threading.Thread(target=reporter.report, args=(site,)) for reporter in reporters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {reporter.statuses[-1] for reporter in theirs} == {503}
        assert {reporter.statuses[-1] for reporter in others} == {200}
    finally:
        gone.start()
    assert {reporter.report(site) for reporter in reporters} == {200}
    _nothing_is_lost(cluster, reporters)


def _nothing_is_lost(cluster, reporters) -> None:
    """Each acknowledged event is there, once; one whose answer got lost may be there as well."""
    rows = dict(stored(cluster, reporters))
    acknowledged = {event for reporter in reporters for event in reporter.acknowledged}
    assert acknowledged and acknowledged <= rows.keys()
    assert set(rows.values()) == {1}
