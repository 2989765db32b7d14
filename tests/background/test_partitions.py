"""Evidence by the month: there in time, moved when it came early, exported before it is dropped."""

import csv
import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from progress import tasks
from progress.checks import evidence_outlives_late_events
from progress.ingest.evidence import GENESIS, link
from progress.models import ContentInteraction, EvidenceExport, Job
from progress.operations import partitions, retention
from progress.operations.partitions import month_after
from tests.factories import a_course_of, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db
FIRST = date(2031, 1, 1)


def learn(day: date, learner=None, course=None):
    """A learner's session in the middle of a month, with one event."""
    course = course or a_course_of({"content_type": "embed", "completion_source": "reported"})
    now = datetime(day.year, day.month, 15, 12, tzinfo=UTC)
    session = a_session(course, learner, now=now)
    beat = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "view",
        "duration_seconds": 15,
    }
    report(session, beat, now=now + timedelta(seconds=15))
    with connection.cursor() as cursor:
        # As a commit would: no table with checks outstanding can be dropped.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return session


def place_of(session) -> str:
    """The table that holds a session's evidence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM progress_contentinteraction"
            " WHERE session_id = %s",
            [session.pk],
        )
        ((table,),) = cursor.fetchall()
    return table


def months() -> list[date]:
    return [partition.month for partition in partitions.existing() if partition.month >= FIRST]


def test_months_are_made_once():
    assert partitions.ensure(FIRST, 2) == [
        "progress_contentinteraction_2031_01",
        "progress_contentinteraction_2031_02",
    ]
    assert partitions.ensure(FIRST, 3) == ["progress_contentinteraction_2031_03"]
    assert months() == [date(2031, 1, 1), date(2031, 2, 1), date(2031, 3, 1)]


def test_a_made_month_guards_what_the_whole_table_guards():
    partitions.ensure(FIRST, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_indexes WHERE tablename = part),"
            " (SELECT array_agg(contype::text ORDER BY contype::text) FROM pg_constraint"
            "  WHERE conrelid = part::regclass AND contype IN ('c', 'f', 'p'))"
            " FROM unnest(ARRAY['progress_contentinteraction_2031_01',"
            " 'progress_contentinteraction_default']) AS part"
        )
        made, default = cursor.fetchall()
    assert made == default
    assert made[0] == 3


def test_evidence_lies_in_the_month_of_its_session():
    partitions.ensure(FIRST, 1)
    assert place_of(learn(FIRST)) == "progress_contentinteraction_2031_01"


def test_rows_that_came_before_their_month_are_moved_into_it():
    session = learn(FIRST)
    assert place_of(session) == partitions.DEFAULT
    assert partitions.stray_months() == [FIRST]
    before = ContentInteraction.objects.values().get()
    tasks.make_partitions()
    assert place_of(session) == "progress_contentinteraction_2031_01"
    assert ContentInteraction.objects.values().get() == before
    assert partitions.stray_months() == []


def test_the_task_makes_this_month_and_the_next_ones(time_machine):
    time_machine.move_to(datetime(2031, 1, 31, 23, tzinfo=UTC), tick=False)
    tasks.make_partitions()
    assert months() == [month_after(FIRST, offset) for offset in range(4)]


@pytest.mark.parametrize("kept", [0, 1, 12, 24])
def test_from_no_month_to_twenty_four(kept, settings, tmp_path, time_machine):
    """Two years of nights, one a month: what is kept stays, the rest is in files, whole."""
    settings.EVIDENCE_MONTHS, settings.EVIDENCE_ARCHIVE = kept, str(tmp_path)
    course = a_course_of({"content_type": "embed", "completion_source": "reported"})
    learner = a_learner(course)
    for offset in range(26):
        month = month_after(FIRST, offset)
        time_machine.move_to(datetime(month.year, month.month, 20, 3, tzinfo=UTC), tick=False)
        tasks.make_partitions()
        learn(month, learner, course)
        tasks.export_evidence()
    gone = 0 if kept == 0 else 25 - kept
    assert months() == [month_after(FIRST, offset) for offset in range(gone, 29)]
    assert ContentInteraction.objects.count() == 26 - gone
    assert not partitions.stray_months()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {partitions.DEFAULT}")
        assert cursor.fetchone() == (0,)
    assert the_chain_holds(EvidenceExport.objects.order_by("partition"), 26)
    call_command("check_progress")


def the_chain_holds(exports, events: int) -> bool:
    """Whether files and table together are one unbroken chain."""
    records = []
    for export in exports.filter(rows__gt=0):
        with gzip.open(export.file, "rt", newline="") as file:
            records += [(row["record"], row["chain_hash"]) for row in csv.DictReader(file)]
    rows = ContentInteraction.objects.order_by("chain_index")
    records += [(row.record, f"\\x{bytes(row.chain_hash).hex()}") for row in rows]
    head = GENESIS
    for record, stored in records:
        head = link(head, record)
        assert stored == f"\\x{head.hex()}"
    return len(records) == events


@pytest.fixture
def old(settings, tmp_path, time_machine):
    """A month of evidence that is two months beyond its retention of one."""
    partitions.ensure(FIRST, 4)
    session = learn(FIRST)
    settings.EVIDENCE_MONTHS, settings.EVIDENCE_ARCHIVE = 1, str(tmp_path)
    time_machine.move_to(datetime(2031, 4, 2, tzinfo=UTC), tick=False)
    return session


def run() -> list[EvidenceExport]:
    return [
        export
        for export in retention.export_expired(datetime(2031, 4, 2, tzinfo=UTC))
        if export.rows
    ]


def test_without_an_archive_nothing_is_dropped_and_the_job_fails(old, settings):
    settings.EVIDENCE_ARCHIVE = ""
    with pytest.raises(retention.ArchiveMissing):
        tasks.export_evidence()
    assert "EVIDENCE_ARCHIVE" in Job.objects.get(name="progress.tasks.export_evidence").last_error
    assert ContentInteraction.objects.exists()


def test_an_export_killed_before_the_drop_is_dropped_the_next_time(old, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retention, "_drop", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert ContentInteraction.objects.exists()
    (export,) = run()
    assert export.dropped_at is not None
    assert not ContentInteraction.objects.exists()
    assert EvidenceExport.objects.filter(rows=1).count() == 1


@pytest.mark.parametrize("harm", ["more rows", "another file", "no file"])
def test_a_damaged_export_is_made_again(harm, old, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(retention, "_drop", lambda *_: None)
        (export,) = run()
    if harm == "more rows":
        learn(FIRST)
    elif harm == "another file":
        Path(export.file).write_bytes(b"")
    else:
        Path(export.file).unlink()
    (again,) = run()
    with gzip.open(again.file, "rt", newline="") as file:
        assert len(list(csv.DictReader(file))) == again.rows == (2 if harm == "more rows" else 1)


def test_rows_that_come_between_export_and_drop_are_not_lost(old, monkeypatch):
    really = retention._drop

    def late(partition, *args):
        if partition.month == FIRST:
            learn(FIRST)
        really(partition, *args)

    monkeypatch.setattr(retention, "_drop", late)
    with pytest.raises(retention.ExportDiffers):
        run()
    assert ContentInteraction.objects.count() == 2


def test_what_came_after_the_drop_goes_into_a_file_of_its_own(old):
    (first,) = run()
    learn(FIRST)
    tasks.make_partitions()
    (second,) = run()
    assert (first.partition, first.rows) == (second.partition, second.rows)
    assert Path(first.file).exists()
    assert first.file != second.file


@pytest.mark.parametrize(("kept", "late", "errors"), [(1, 28, 0), (1, 29, 1), (0, 400, 0)])
def test_evidence_is_kept_as_long_as_its_events_may_come_again(kept, late, errors, settings):
    settings.EVIDENCE_MONTHS, settings.LATE_EVENT_DAYS = kept, late
    assert len(evidence_outlives_late_events(None)) == errors
