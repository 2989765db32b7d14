"""Metrics for Prometheus: what this process counted, and what is stored now.

Each web and stream process is scraped at its own port; stored values are the same in all of them.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Count, Min
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connections.models import Delivery, Endpoint, Event
from lms_progress import queues
from progress.jobs import lateness
from progress.models import Drift, Job, OutboxMessage, OutgoingMail, SetAside
from progress.operations.broker import UNREACHABLE

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = Histogram(
    "lms_request_seconds",
    "Time to answer a request, by the route's pattern.",
    ["route", "method", "status"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)


@never_cache
def metrics(request):
    """Prometheus' text format. `lms_reachable` is 0 for a server that can't be reached."""
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


class RequestTimes:
    """Middleware: measures how long each route takes to respond."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self._get_response(request)
        match = request.resolver_match
        # Patterns, never paths: the number of labels must not grow with the requests.
        route = match.route if match else "none"
        # Anybody may name any method, and each label stays for ever.
        method = request.method if request.method in METHODS else "other"
        labels = SECONDS.labels(route, method, f"{response.status_code // 100}xx")
        labels.observe(time.perf_counter() - began)
        return response


class Stored(Collector):
    """Values read from the database and the broker."""

    def describe(self) -> list:
        """Returns nothing, so that registering queries neither of them."""
        return []

    def collect(self) -> Iterator[Metric]:
        reachable = _gauge("reachable", "Whether a server could be asked.", "server")
        for server, measure, errors in (
            ("database", _in_database, DatabaseError),
            ("broker", _in_broker, UNREACHABLE),
        ):
            try:
                yield from list(measure())
                reachable.add_metric([server], 1)
            except errors:
                reachable.add_metric([server], 0)
        yield reachable


def _in_database() -> Iterator[Metric]:
    now = timezone.now()
    waiting = OutboxMessage.objects.waiting().aggregate(count=Count("pk"), oldest=Min("created_at"))
    oldest = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
    yield _value("outbox_waiting", "Messages not sent yet.", waiting["count"])
    yield _value("outbox_age_seconds", "Age of the oldest message not sent yet.", oldest)
    given_up = OutboxMessage.objects.filter(sent_at=None).exclude(set_aside_at=None)
    yield _value("outbox_set_aside", "Messages given up.", given_up.count())
    yield from _mail()
    yield from _webhooks(now)
    yield _value("drift_open", "Stored values known to be wrong.", Drift.objects.open().count())
    yield _value("rows_set_aside", "Rows that jobs left out.", SetAside.objects.count())
    yield from _jobs()


def _mail() -> Iterator[Metric]:
    """Sent mail is left out: it may be many rows, and they are pruned."""
    mail = _gauge("mail", "Mail that isn't sent, by its state.", "state")
    states = OutgoingMail.objects.exclude(state=OutgoingMail.State.SENT).values("state")
    counts = dict(states.annotate(count=Count("pk")).values_list("state", "count"))
    for state in ("waiting", "sending", "failed", "unknown"):
        mail.add_metric([state], counts.get(state, 0))
    yield mail


def _webhooks(now: datetime) -> Iterator[Metric]:
    oldest = Event.objects.unpublished().aggregate(oldest=Min("recorded_at"))["oldest"]
    age = (now - oldest).total_seconds() if oldest else 0
    yield _value("events_age_seconds", "Age of the oldest event not published yet.", age)
    waiting = Delivery.objects.waiting().count()
    yield _value("webhook_deliveries_waiting", "Deliveries that wait for a try.", waiting)
    endpoints = _gauge("webhook_endpoints", "Endpoints of webhooks, by their state.", "state")
    enabled = Endpoint.objects.enabled()
    endpoints.add_metric(["working"], enabled.filter(failing_since=None).count())
    endpoints.add_metric(["failing"], enabled.exclude(failing_since=None).count())
    endpoints.add_metric(["disabled"], Endpoint.objects.exclude(disabled_at=None).count())
    yield endpoints


def _jobs() -> Iterator[Metric]:
    lag = _gauge("job_lag_seconds", "How long a job has been due without succeeding.", "job")
    for name, late in lateness().items():
        lag.add_metric([name], late.total_seconds())
    lasted = _gauge("job_duration_seconds", "The last run.", "job")
    rows = _gauge("job_rows", "Rows of the last run.", "job")
    failing = _gauge("job_failures_in_a_row", "Failed runs since the last good one.", "job")
    for job in Job.objects.all():
        lasted.add_metric([job.name], (job.duration_ms or 0) / 1000)
        rows.add_metric([job.name], job.rows or 0)
        failing.add_metric([job.name], job.failures_in_a_row)
    yield from (lag, lasted, rows, failing)


def _in_broker() -> Iterator[Metric]:
    depth = _gauge("queue_depth", "Tasks waiting for a worker.", "queue")
    age = _gauge("queue_age_seconds", "How long the oldest task has been waiting.", "queue")
    for queue in queues.waiting():
        depth.add_metric([queue.name], queue.depth)
        if queue.age_seconds is not None:
            age.add_metric([queue.name], queue.age_seconds)
    yield from (depth, age)


def _gauge(name: str, help_text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lms_{name}", help_text, labels=[label])


def _value(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lms_{name}", help_text, value=value)


REGISTRY.register(Stored())
