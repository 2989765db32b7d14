"""Calls that run at the same time, each in a thread."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def at_once(calls):
    """Run calls in a thread each, all started together. Returns their results."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def watched(content, **more):
    return {
        "content_id": content.pk,
        "interaction_type": "progress",
        "segments": [[0, 10]],
        **more,
    }
