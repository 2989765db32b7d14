"""A long batch's evidence is copied: the same rows as one by one, whatever was sent."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from progress.ingest import store
from progress.ingest.copying import EVIDENCE_COLUMNS, encode, encode_evidence, written
from progress.models import ContentInteraction
from tests.factories import NOON, a_course_of, a_session, content, report

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)
ODD = '\u00e9"\\\n\t\\N\\.\x00\ud83d'
# What names one enrolment and not the other.
OWN = {"id", "enrollment_id", "user_id", "session_id", "record", "chain_hash"}


def plan(course) -> list:
    """Twenty events of every kind: understood, repeated, in conflict, unknown, not even objects."""
    film, paper = content(course, "c1").pk, content(course, "c2").pk
    event_id = "5f0f2f0e-0000-4000-8000-000000000001"
    beat = {"content_id": film, "interaction_type": "progress", "duration_seconds": 5}
    return [
        *[beat | {"segments": [[at, at + 5]], "position": at + 5} for at in range(0, 60, 5)],
        beat | {"event_id": event_id, "sequence": 7, "segments": [[9, 3]]},
        beat | {"event_id": event_id, "sequence": 7, "segments": [[9, 3]]},
        beat | {"event_id": event_id, "sequence": 8},
        {"content_id": paper, "interaction_type": "view", "page": 2, "reading_position": 0.123456},
        {"content_id": film, "interaction_type": ODD, ODD: ODD, "x": float("nan")},
        {"content_id": film, "interaction_type": "view", "is_active": False, "position": 0.0004},
        ODD,
        {"content_id": 1, "interaction_type": "view"},
    ]


@pytest.fixture
def course():
    return a_course_of(
        {"content_type": "video", "duration_seconds": 60},
        {"content_type": "document", "page_count": 3},
    )


def stored(session) -> list[dict]:
    rows = ContentInteraction.objects.filter(session_id=session.pk).order_by("chain_index")
    return [
        {name: value for name, value in row.items() if name not in OWN} for row in rows.values()
    ]


def test_a_batch_that_is_copied_leaves_what_one_that_is_inserted_leaves(course, monkeypatch):
    copied, inserted = a_session(course), a_session(course)
    report(copied, *plan(course), now=LATER)
    monkeypatch.setattr(store, "MANY_EVENTS", 1000)
    report(inserted, *plan(course), now=LATER)
    assert len(stored(copied)) == 20
    assert stored(copied) == stored(inserted)


def test_a_long_batch_takes_one_statement_more_than_a_short_one(course):
    report(a_session(course), *plan(course)[:1], now=LATER)  # the structure is in memory then
    statements = []
    for events in (plan(course)[:1], plan(course)):
        session = a_session(course)
        with CaptureQueriesContext(connection) as captured:
            report(session, *events, now=LATER)
        statements.append([query["sql"] for query in captured if "progress_" in query["sql"]])
    short, long = statements
    assert len(long) == len(short) + 1
    assert "COPY" in long[-1] and "COPY" not in "".join(short + long[:-1])


def test_evidence_is_spelled_as_every_other_row_is(course):
    session = a_session(course)
    receipt_rows = []
    write = store.write_rows
    store.write_rows = lambda changes: receipt_rows.extend(changes) or write(changes)
    try:
        report(session, *plan(course), now=LATER)
    finally:
        store.write_rows = write
    [changed] = receipt_rows
    by_name = [column.attname for column in written(ContentInteraction)]
    wanted = [
        dict(zip(by_name, line.split("\t"), strict=True))
        for line in encode(ContentInteraction, changed.evidence).decode().splitlines()
    ]
    lines = encode_evidence(changed.evidence).splitlines()
    names = EVIDENCE_COLUMNS.split(", ")
    assert [dict(zip(names, line.split("\t"), strict=True)) for line in lines] == wanted


def test_what_the_database_refuses_is_a_database_error_of_django(course):
    session = a_session(course)
    report(session, *plan(course), now=LATER)
    with transaction.atomic():
        [found] = store.open_rows(
            [store.Wanted(session.user_id, session.enrollment_id, session.pk, [], [])], waits=True
        )
        kept = ContentInteraction.objects.filter(session_id=session.pk).order_by("chain_index")
        names = store.EvidenceRow.__struct_fields__
        again = [store.EvidenceRow(**row) for row in kept.values(*names)]
        with pytest.raises(IntegrityError, match="duplicate key"), transaction.atomic():
            store.write_rows([store.Changed(found.session, found.progress, [], again)])
