"""Folds what is new into the rollups: amounts and how far they reach, in one transaction.

However often it is killed, and even if it runs twice at once, each event counts once: a chunk of
enrolments is folded under the lock of `store.lock`, from where their chains were folded to up to
their present length, which is written along with the amounts.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import F

from analytics.facts import store
from analytics.facts.mastery.marking import mark
from analytics.models import FoldedEnrollment, RollupSource
from progress.jobs import Run
from progress.models import ContentProgress, CourseProgress, EvidenceExport, QuizAttempt
from progress.operations.partitions import NAME

from . import course_days, days, dropouts, editions, evidence, finding, quizzes, writing
from .parts import Parts

CHUNK = 250
READ_ROWS = 5000


def fold_new(run: Run) -> None:
    """Fold everything that was committed when this began; `run.rows` counts enrolments."""
    editions.note_changed(run.now)
    finding.mark_due()
    due = FoldedEnrollment.objects.filter(is_due=True).exclude(pk__in=run.rows_set_aside())
    after = 0
    while ids := list(due.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        run.take(partial(fold, now=run.now), ids)
        after = ids[-1]
    course_days.add_up()
    dropouts.count_hourly(run.now)
    RollupSource.objects.filter(name=store.EVIDENCE).update(folded_at=run.now)


def mark_moved() -> int:
    """Mark enrolments as due whose learners changed their time zone; returns their number."""
    moved = FoldedEnrollment.objects.exclude(time_zone=F("enrollment__user__time_zone"))
    return FoldedEnrollment.objects.filter(pk__in=moved.values("pk"), folded__gt=0).update(
        is_due=True
    )


def dropped_months() -> set[date]:
    """The months whose evidence has left the database: their rows stay as they are."""
    names = EvidenceExport.objects.filter(dropped_at__isnull=False).values_list("partition")
    found = [NAME.fullmatch(name) for (name,) in names]
    return {date(int(match[1]), int(match[2]), 1) for match in found if match}


@dataclass(frozen=True, slots=True)
class _Chain:
    """An enrolment's evidence: folded up to `folded`, available up to `length`."""

    enrollment_id: int
    user_id: int
    course_id: int
    zone: str
    length: int
    folded: int
    has_moved: bool

    @property
    def first(self) -> int:
        """Where to start reading: for a learner who moved, all days are counted again."""
        return 0 if self.has_moved else self.folded


@transaction.atomic
def fold(
    enrollment_ids: Sequence[int],
    *,
    now: datetime,
    kept_months: Collection[date] | None = None,
    known: Mapping[int, int] | None = None,
) -> int:
    """Fold these enrolments' new evidence; returns the number of enrolments.

    `kept_months`, in a rebuild, are those whose rows were kept: what is left of their evidence is
    already in them. If there are any, what learners saw was kept as well: for each enrolment the
    number of events in `known`.
    """
    store.lock()
    chains = _chains(enrollment_ids)
    dropped = kept_months
    if moved := [chain.enrollment_id for chain in chains.values() if chain.has_moved]:
        dropped = dropped_months()
        writing.forget_days(moved, dropped)
    index = editions.edition_index({chain.course_id for chain in chains.values()}, now)
    parts = Parts(index.at, {pk: chain.zone for pk, chain in chains.items()})
    for event in _evidence(chains):
        is_new = event.index >= chains[event.enrollment_id].folded
        if (is_new and kept_months is None) or event.session_month not in (dropped or ()):
            is_known = event.index < (known or {}).get(event.enrollment_id, 0)
            parts.add(event, is_new=is_new, is_known=is_known)
    learner_days = writing.LearnerDays(
        {pk: (chain.user_id, chain.course_id, chain.zone) for pk, chain in chains.items()}
    )
    learner_days.set_done(_done(chains))
    writing.write(parts, learner_days, index.buckets)
    heard = quizzes.count({pk: chain.user_id for pk, chain in chains.items()})
    mark({chains[enrollment].user_id for enrollment in heard if enrollment in chains})
    store.upsert(
        [
            FoldedEnrollment(c.enrollment_id, c.user_id, c.length, c.zone, False)
            for c in chains.values()
        ],
        ["enrollment"],
        ["folded", "time_zone", "is_due"],
    )
    return len(chains)


def _chains(enrollment_ids: Sequence[int]) -> dict[int, _Chain]:
    """Read before the evidence: up to a chain's length all of it is committed."""
    known = FoldedEnrollment.objects.in_bulk(list(enrollment_ids))
    rows = CourseProgress.objects.filter(pk__in=enrollment_ids).values_list(
        "pk", "user_id", "course_id", "user__time_zone", "chain_length"
    )
    chains = {}
    for pk, user, course, zone, length in rows:
        folded = known.get(pk) or FoldedEnrollment(pk)
        has_moved = folded.folded > 0 and folded.time_zone != zone
        chains[pk] = _Chain(pk, user, course, zone, length, folded.folded, has_moved)
    return chains


_EVIDENCE = """
SELECT event.enrollment_id, event.chain_index, event.session_id, event.session_started_at,
    event.record
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS chain (user_id, enrollment_id, first, after)
JOIN progress_contentinteraction AS event
    ON event.user_id = chain.user_id AND event.enrollment_id = chain.enrollment_id
    AND event.chain_index >= chain.first AND event.chain_index < chain.after
WHERE event.status = 'accepted'
"""


def _evidence(chains: Mapping[int, _Chain]) -> Iterator[evidence.EvidenceEvent]:
    wanted = [chain for chain in chains.values() if chain.first < chain.length]
    with connection.cursor() as cursor:
        columns = [[getattr(c, name) for c in wanted] for name in _WANTED]
        cursor.execute(_EVIDENCE, columns)
        while rows := cursor.fetchmany(READ_ROWS):
            yield from (event for row in rows if (event := evidence.parse(row)) is not None)


_WANTED = ("user_id", "enrollment_id", "first", "length")


def _done(chains: Mapping[int, _Chain]) -> dict[tuple[int, date], tuple[int, int]]:
    """`{(enrolment id, local day): (contents completed, quiz attempts submitted)}`."""
    done: dict[tuple[int, date], tuple[int, int]] = {}
    completed = ContentProgress.objects.filter(
        enrollment__in=list(chains), completed_at__isnull=False
    ).values_list("enrollment_id", "completed_at")
    submitted = QuizAttempt.objects.filter(
        enrollment__in=list(chains), submitted_at__isnull=False
    ).values_list("enrollment_id", "submitted_at")
    for place, rows in enumerate((completed, submitted)):
        for enrollment, moment in rows:
            zone = chains[enrollment].zone
            key = (enrollment, days.day_of(round(moment.timestamp() * 1000), zone))
            amounts = list(done.get(key, (0, 0)))
            amounts[place] += 1
            done[key] = (amounts[0], amounts[1])
    return done
