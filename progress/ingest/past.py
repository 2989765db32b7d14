"""An enrolment's newest spans, which every heartbeat reads and writes, and the older ones.

Years of learning leave thousands of spans. All but the newest are put away into `PastSpans`, which
is read only for an event that is older than they are; so an old enrolment costs no more than a new
one.
The two never overlap: a span that reaches across the border is one of the newest.
"""

from django.db import connection

from progress.models import PastSpans
from progress.models.spans import SpansField
from progress.rules import timing
from progress.rules.coverage import Span, Spans, union

from .working_set import WorkingSet

# How many spans are carried before some are put away, and how many stay.
MANY, KEPT = 96, 32
# What is newer stays in any case: an open session may still reach it.
RECENT_MS = 86_400_000


def spend(work: WorkingSet, span: Span) -> int:
    """Add an active span to the enrolment's. Returns how much of it is new."""
    progress = work.progress
    border = progress.past_active_until
    if border is None or span[0] > border:
        progress.active_spans, fresh = timing.spend(progress.active_spans, span)
        return fresh
    past = _load(work)
    whole, fresh = timing.spend(union(past.active_spans, progress.active_spans), span)
    past.active_spans, progress.active_spans = _split(whole, border)
    return fresh


def elapse(work: WorkingSet, spans: Spans) -> None:
    """Add a session's elapsed spans to the enrolment's."""
    progress = work.progress
    border = progress.past_elapsed_until
    if border is None or not spans or spans[0][0] > border:
        progress.elapsed_spans = union(progress.elapsed_spans, spans)
        return
    past = _load(work)
    whole = union(past.elapsed_spans, progress.elapsed_spans, spans)
    past.elapsed_spans, progress.elapsed_spans = _split(whole, border)
    progress.past_elapsed_ms = timing.elapsed_ms(past.elapsed_spans)


def put_away(work: WorkingSet) -> None:
    """Write the older spans if an event changed them, and put more away when there are many."""
    if work.past is not None:
        _write(work, work.past.active_spans, work.past.elapsed_spans, replace=True)
        work.past = None
    progress = work.progress
    is_small = max(len(progress.active_spans), len(progress.elapsed_spans)) <= MANY
    if is_small:
        return
    active, progress.active_spans = _oldest(progress.active_spans, work.now_ms)
    elapsed, progress.elapsed_spans = _oldest(progress.elapsed_spans, work.now_ms)
    if active:
        progress.past_active_until = active[-1][1]
    if elapsed:
        progress.past_elapsed_until = elapsed[-1][1]
        progress.past_elapsed_ms += timing.elapsed_ms(elapsed)
    if active or elapsed:
        _write(work, active, elapsed, replace=False)


def _oldest(spans: Spans, now_ms: int) -> tuple[Spans, Spans]:
    """What is to be put away, and what stays."""
    if len(spans) <= KEPT:
        return (), spans
    old, new = spans[:-KEPT], spans[-KEPT:]
    recent = tuple(span for span in old if span[1] > now_ms - RECENT_MS)
    return old[: len(old) - len(recent)], (*recent, *new)


def _split(spans: Spans, border: int) -> tuple[Spans, Spans]:
    """The spans up to the border, and those that reach beyond it."""
    past = tuple(span for span in spans if span[1] <= border)
    return past, spans[len(past) :]


def _load(work: WorkingSet) -> PastSpans:
    if work.past is None:
        work.past = PastSpans.objects.get(
            enrollment=work.progress.enrollment_id, user=work.progress.user_id
        )
    return work.past


def _write(work: WorkingSet, active: Spans, elapsed: Spans, *, replace: bool) -> None:
    """Replace what is put away, or add to it: the database itself unites the two.

    The caller holds the enrolment, so no other transaction inserts the row between the two
    statements. No upsert: spread over shards, the table's key begins with the learner.
    """
    prepare = SpansField().get_prep_value
    spans = [prepare(active), prepare(elapsed)]
    owner = [work.progress.enrollment_id, work.progress.user_id]
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE if replace else _ADD, [*spans, *owner])
        if cursor.rowcount == 0:
            cursor.execute(_INSERT, [*owner, *spans])


_INSERT = """
INSERT INTO progress_pastspans (enrollment_id, user_id, active_spans, elapsed_spans)
VALUES (%s, %s, %s, %s)
"""
_REPLACE = """
UPDATE progress_pastspans SET active_spans = %s, elapsed_spans = %s
WHERE enrollment_id = %s AND user_id = %s
"""
_ADD = """
UPDATE progress_pastspans
SET active_spans = active_spans + %s::int8multirange,
    elapsed_spans = elapsed_spans + %s::int8multirange
WHERE enrollment_id = %s AND user_id = %s
"""
