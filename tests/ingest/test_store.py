"""The two database functions read and write every column, and change nothing on the way."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from progress.ingest import rows, store
from progress.ingest.copying import written
from progress.models import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    LearningSession,
)
from tests.factories import NOON, a_course_of, a_session, content, report

pytestmark = pytest.mark.django_db
COURSE = [
    {"content_type": "video", "duration_seconds": 600},
    {"content_type": "document", "page_count": 3},
    {"content_type": "text", "reading_seconds": 60},
    {"content_type": "embed", "completion_source": "reported"},
]
TABLES = (CourseProgress, LearningSession, ContentProgress, ContentInteraction)


@pytest.fixture
def session():
    """A learner who did everything, on two devices, with gaps, jumps and rejected events."""
    course = a_course_of(*COURSE)
    film, paper, text, embed = (content(course, f"c{n}").pk for n in (1, 2, 3, 4))
    session = a_session(course)
    other = a_session(course, session.user, now=NOON + timedelta(seconds=5))
    plan = [
        {"content_id": film, "interaction_type": "progress", "segments": [[0, 5], [9, 12.5]]},
        {"content_id": film, "interaction_type": "pause", "position": 12.345, "sequence": 7},
        {"content_id": paper, "interaction_type": "view", "page": 2, "duration_seconds": 3},
        {"content_id": text, "interaction_type": "progress", "span": [0.1, 0.4]},
        {"content_id": text, "interaction_type": "progress", "reading_position": 0.123456},
        {"content_id": embed, "interaction_type": "complete", "completion_percentage": 55.5},
        {"content_id": film, "interaction_type": '\u00e9"\\\n\x00\ud83d', "x": float("nan")},
        {"content_id": 1, "interaction_type": "view", "distractions": 3, "is_active": False},
    ]
    report(session, *plan, now=NOON + timedelta(seconds=40))
    report(other, *plan[:3], now=NOON + timedelta(seconds=50))
    return session


def everything():
    return {model: list(model.objects.order_by("pk").values()) for model in TABLES}


def opened(session, contents):
    [found] = store.open_rows(
        [store.Wanted(session.user_id, session.enrollment_id, session.pk, contents, [])],
        waits=True,
    )
    return found


def test_what_is_read_and_written_unchanged_is_unchanged(session):
    before = everything()
    contents = [row.content_id for row in ContentProgress.objects.all()]
    with transaction.atomic():
        found = opened(session, contents)
        store.write_rows([store.Changed(found.session, found.progress, found.contents, [])])
    assert everything() == before
    assert len(found.contents) == 4
    assert sorted(found.session.open_ends) == sorted(
        each.elapsed_spans[-1][1] for each in LearningSession.objects.all()
    )


def test_rows_are_what_the_models_say(session):
    contents = [row.content_id for row in ContentProgress.objects.all()]
    found = opened(session, contents)
    pairs = [
        (found.session, LearningSession.objects.get(pk=session.pk)),
        (found.progress, CourseProgress.objects.get(pk=session.enrollment_id)),
        *((row, ContentProgress.objects.get(content=row.content_id)) for row in found.contents),
    ]
    for row, stored in pairs:
        for name in set(row.__struct_fields__) - {"open_ends"}:
            value = getattr(stored, name)
            value = bytes(value) if isinstance(value, memoryview) else value
            assert getattr(row, name) == value, name
    for row in store.all_contents(session.enrollment_id, session.user_id):
        assert row in found.contents


# What a batch never changes.
FIXED = {
    LearningSession: {"module_id", "content_id", "device_id", "client_session_id"},
    CourseProgress: {"session_start_time", "total_sessions"},
    ContentProgress: set(),
    ContentInteraction: set(),
}


@pytest.mark.parametrize(
    ("model", "row"),
    [
        (LearningSession, rows.SessionRow),
        (CourseProgress, rows.ProgressRow),
        (ContentProgress, rows.ContentRow),
        (ContentInteraction, rows.EvidenceRow),
    ],
)
def test_no_column_is_forgotten(model, row):
    columns = {column.attname for column in written(model)} - {"id"}
    assert set(row.__struct_fields__) - {"open_ends"} == columns - FIXED[model]


def test_only_the_contents_that_a_batch_names_are_read_whole(session):
    film, *others = ContentProgress.objects.order_by("content_id")
    found = opened(session, [film.content_id])
    assert [row.content_id for row in found.contents] == [film.content_id]
    assert sorted((row.content_id, row.completion_bp) for row in found.others) == [
        (row.content_id, row.completion_bp) for row in others
    ]


def test_a_session_is_opened_for_its_own_learner_only(session):
    other = a_session(session.course)
    wanted = [
        store.Wanted(other.user_id, session.enrollment_id, session.pk, [], []),
        store.Wanted(other.user_id, other.enrollment_id, session.pk, [], []),
        store.Wanted(session.user_id, other.enrollment_id, session.pk, [], []),
    ]
    assert [store.open_rows([each], waits=True) for each in wanted] == [[None]] * 3


def test_a_report_takes_three_statements(session):
    film = content(session.course, "c1").pk
    for seconds in (60, 70):
        with CaptureQueriesContext(connection) as captured:
            report(
                session,
                {"content_id": film, "interaction_type": "progress", "segments": [[20, 25]]},
                now=NOON + timedelta(seconds=seconds),
            )
        asked = [query["sql"] for query in captured if "progress_" in query["sql"]]
        assert len(asked) <= 3  # finding the session, opening, writing


UPDATED = """
SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables
WHERE relname = ANY(%s) ORDER BY relname
"""


def updates() -> list[tuple[str, int, int]]:
    """Of each busy table: rows updated in this transaction, and those of them in their page."""
    names = [model._meta.db_table for model in TABLES[:3]]
    with connection.cursor() as cursor:
        cursor.execute(UPDATED, [names])
        return cursor.fetchall()


def test_a_heartbeat_adds_nothing_to_the_indexes_of_what_it_updates(session):
    """An index on a column that moves with each would make it write to all of a table's."""
    film = content(session.course, "c1").pk
    before = updates()
    report(
        session,
        {"content_id": film, "interaction_type": "progress", "segments": [[20, 25]]},
        {"content_id": film, "interaction_type": "pause", "position": 25, "sequence": 9},
        now=NOON + timedelta(seconds=60),
    )
    moved = [
        (name, more - updated, more_in_place - in_place)
        for (name, more, more_in_place), (_, updated, in_place) in zip(
            updates(), before, strict=True
        )
    ]
    assert [(name, in_place) for name, updated, in_place in moved if updated != in_place] == []
    assert [updated for _, updated, _ in moved] == [1, 1, 1]
