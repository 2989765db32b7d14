"""Learners who report to a site on the cluster, each with a session of their own."""

import json
import threading
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field

from .cluster import Cluster
from .distributed import run_python

# Prints a learner's user, session, token and content in each line.
_BEGIN = """
import json, uuid, django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from rest_framework.test import APIClient
from tests.factories import a_course, a_learner, content
course = a_course(code=uuid.uuid4().hex)
for _ in range({count}):
    learner = a_learner(course, username=uuid.uuid4().hex)
    client = APIClient()
    client.force_login(learner)
    begun = client.post("/api/employee/start_session", {{"course_id": course.pk}}).json()
    print(json.dumps([learner.pk, begun["session_id"], begun["session_token"],
        content(course, "video").pk]))
"""


@dataclass
class Reporter:
    """A tracker: an event is sent again, the same one, until it is acknowledged."""

    user: int
    session: str
    token: str
    content: int
    acknowledged: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    waits: list[str | None] = field(default_factory=list)

    def report(self, site: str, event_id: str | None = None) -> int:
        """Sends one event; the status of the answer."""
        event_id = event_id or str(uuid.uuid4())
        event = self.event(event_id, len(self.acknowledged) % 60)
        status = self.post(site, event | {"session_id": self.session})
        if status == 200:
            self.acknowledged.append(event_id)
        return status

    def event(self, event_id: str, at: int) -> dict:
        """A second of the film that was played."""
        return {
            "content_id": self.content,
            "interaction_type": "progress",
            "segments": [[at, at + 1]],
            "duration_seconds": 1,
            "event_id": event_id,
        }

    def post(self, site: str, body: dict) -> int:
        request = urllib.request.Request(
            f"{site}/api/employee/update_progress",
            json.dumps(body).encode(),
            {"Authorization": f"Session {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, wait = answer.status, answer.headers.get("Retry-After")
        except urllib.error.HTTPError as error:
            with error:
                status, wait = error.code, error.headers.get("Retry-After")
        self.statuses.append(status)
        self.waits.append(wait)
        return status

    def report_until(self, site: str, is_over: threading.Event) -> None:
        while not is_over.is_set():
            event_id = str(uuid.uuid4())
            while self.report(site, event_id) != 200 and not is_over.wait(0.2):
                pass


def begin(cluster: Cluster, count: int, *, distributed: bool = True) -> list[Reporter]:
    """Enrols so many learners in a course and starts their sessions."""
    printed = run_python(cluster, "-c", _BEGIN.format(count=count), distributed=distributed)
    return [Reporter(*json.loads(line)) for line in printed.splitlines()]


def stored(cluster: Cluster, reporters: list[Reporter]) -> list[tuple[str, int]]:
    """The accepted event ids of these learners, each with the number of its rows."""
    users = ", ".join(str(each.user) for each in reporters)
    return cluster.coordinator.execute(
        "SELECT event_id::text, count(*) FROM progress_contentinteraction"
        f" WHERE user_id IN ({users}) AND status = 'accepted' GROUP BY 1"
    )


def worker_ports(cluster: Cluster, reporters: list[Reporter]) -> dict[int, int]:
    """On which worker each learner's rows are: `{user: port}`."""
    return {
        each.user: cluster.coordinator.execute(
            "SELECT nodeport FROM pg_dist_placement JOIN pg_dist_node USING (groupid)"
            " WHERE shardid = get_shard_id_for_distribution_column("
            f"'progress_enrollment', {each.user})"
        )[0][0]
        for each in reporters
    }
