"""The hot path stays with one learner, so that learners can be spread over machines."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from progress.models import ContentProgress
from progress.operations import distribution
from tests.factories import NOON, a_course, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db
PLACE = "/api/employee"
HOT = set(distribution.tables(distribution.Placement.DISTRIBUTED))


class Tracker:
    """A learner's tracker, which has nothing but its session's token."""

    def __init__(self, course):
        self.course, self.learner = course, a_learner(course)
        browser = APIClient()
        browser.force_login(self.learner)
        self.browser = browser
        self.started = self.start().json()
        self.client = APIClient(HTTP_AUTHORIZATION=f"Session {self.started['session_token']}")

    def start(self):
        return self.browser.post(f"{PLACE}/start_session", {"course_id": self.course.pk})

    def send(self, code: str, **fields):
        event = {"content_id": content(self.course, code).pk} | fields
        session = self.started["session_id"]
        return self.client.post(
            f"{PLACE}/update_progress", {"session_id": session, "events": [event]}
        )

    def answer(self):
        question = content(self.course, "quiz").questions.first()
        choice = question.choices.first()
        fields = {"question_id": question.pk, "answer": [choice.pk]}
        return self.send("quiz", interaction_type="answer", **fields)

    def read(self, path: str):
        return self.client.get(f"{PLACE}/{path}")

    def end(self):
        return self.client.post(f"{PLACE}/end_session", {"session_id": self.started["session_id"]})


def watch(tracker):
    return tracker.send(
        "video",
        interaction_type="progress",
        segments=[[0, 5]],
        duration_seconds=5,
        event_id="6f1f1f6e-7d7e-4f3a-8d2b-111111111111",
    )


STEPS = {
    "start": Tracker.start,
    "first event": watch,
    "the same again": lambda tracker: (watch(tracker), watch(tracker))[1],
    "pages": lambda tracker: tracker.send("pages", interaction_type="view", page=1),
    "answer": Tracker.answer,
    "submit": lambda tracker: (
        tracker.answer(),
        tracker.send("quiz", interaction_type="submit"),
    )[1],
    "progress of the course": lambda tracker: tracker.read(
        f"realtime_progress/{tracker.learner.pk}/{tracker.course.pk}"
    ),
    "progress of a content": lambda tracker: tracker.read(
        f"content_progress/{tracker.learner.pk}/{content(tracker.course, 'quiz').pk}"
    ),
    "end": Tracker.end,
}


def tables_without_their_learner(sql: str) -> set[str]:
    """The distributed tables (or their aliases) of a statement that no learner is named for."""
    if insert := re.match(r'INSERT INTO "(\w+)" \(([^)]*)\)', sql):
        is_named = insert[1] not in HOT or '"user_id"' in insert[2]
        conflict = re.search(r"ON CONFLICT ?\(([^)]*)\)", sql)
        is_named &= not conflict or '"user_id"' in conflict[1]
        return set() if is_named else {insert[1]}
    asked = re.findall(r'(?:FROM|JOIN|UPDATE) "(\w+)"(?: ([A-Z]\d+)\b)?', sql)
    names = {alias or table for table, alias in asked if table in HOT}
    conditions = " ".join(re.findall(r"(?:WHERE|\bON) (.*?)(?= WHERE | ORDER BY |$)", sql, re.S))
    return {
        name
        for name in names
        if not re.search(rf'"?{name}"?\."user_id" (?:=|IN)|= \(?"?{name}"?\."user_id"', conditions)
    }


@pytest.mark.parametrize("step", STEPS)
def test_every_statement_of_the_hot_path_names_its_learner(step):
    tracker = Tracker(a_course())
    with CaptureQueriesContext(connection) as captured:
        assert STEPS[step](tracker).status_code in {200, 201}
    statements = [query["sql"] for query in captured]
    names = (*HOT, "progress_open_group_v1", "progress_start_v1")
    assert any(name in sql for name in names for sql in statements)
    assert [sql for sql in statements if tables_without_their_learner(sql)] == []


def ingest_functions(pattern: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname ~ %s", [pattern])
        return [source for (source,) in cursor.fetchall()]


def test_every_statement_of_the_ingest_functions_names_its_learner():
    """Each table of theirs is asked by its `user_id`: a parameter, or that of a group's rows."""
    alone = ingest_functions("^progress_(open|write|course|start)_v")
    group = ingest_functions("^progress_(open|write)_group_v")
    assert (len(alone), len(group)) == (5, 2)
    asked = re.compile(r"(?:FROM|JOIN|UPDATE) (progress_(?!open|write)\w+) ?(?!\w*SET\b)([a-z])?\b")
    for source in alone + group:
        for table, alias in asked.findall(source):
            if table in HOT:
                own = rf"\b{alias}\.user_id" if alias else r"\buser_id"
                learner = r"(learner|[esw]\.user_id|w\.learner|own\.user_id)"
                assert re.search(rf"{own} = {learner}", source), table
        for insert in re.findall(r"INSERT INTO \w+[^(]*\(([^)]*)\)", source):
            assert "user_id" in insert


def test_where_tables_are_spread_each_learner_is_asked_for_alone():
    """A shard answers for one learner: there a group's functions call those of 0020 in turn."""
    for source in ingest_functions("^progress_(open|write)_group_v"):
        spread, _ = source.split("RETURN;\n    END IF;", 1)
        assert re.search(
            r"IF progress_is_distributed_v1\(\) THEN\s+(RETURN QUERY SELECT|PERFORM)", spread
        )
        assert re.search(r"progress_(open_v1|write_v2)\(", spread)


@pytest.mark.parametrize(
    ("sql", "missing"),
    [
        ('SELECT 1 FROM "progress_enrollment" WHERE "progress_enrollment"."id" = 1', True),
        ('SELECT "progress_enrollment"."user_id" FROM "progress_enrollment"', True),
        ('UPDATE "progress_enrollment" SET "user_id" = 1 WHERE "id" = 1', True),
        ('INSERT INTO "progress_quizanswer" ("attempt_id") VALUES (1)', True),
        ('INSERT INTO "progress_quizanswer" ("user_id") VALUES (1) ON CONFLICT("id")', True),
        ('SELECT 1 FROM "progress_enrollment" WHERE "progress_enrollment"."user_id" = 1', False),
        ('SELECT 1 FROM "progress_course"', False),
    ],
)
def test_the_test_sees_what_is_missing(sql, missing):
    assert bool(tables_without_their_learner(sql)) is missing


def test_every_model_is_in_one_list():
    assert distribution.undecided_models() == []


def printed() -> list[str]:
    out = StringIO()
    call_command("distribution_plan", stdout=out)
    return out.getvalue().splitlines()


def test_the_plan_names_every_table_once():
    lines = "\n".join(printed())
    for place in (distribution.Placement.DISTRIBUTED, distribution.Placement.REFERENCE):
        for table in distribution.tables(place):
            assert len(re.findall(rf"create_\w+_table\('{table}'", lines)) == 1, table


def test_learning_works_with_the_plans_keys():
    """All but Citus' own functions is run here, and every unique key then has the learner."""
    tracker = Tracker(a_course())
    tracker.answer()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for line in printed():
            if line.startswith(
                ("ALTER", "DROP", "CREATE UNIQUE", "DO", "UPDATE", "CREATE TRIGGER")
            ):
                cursor.execute(line)
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = ANY(%s::regclass[])"
            " AND indisunique AND pg_get_indexdef(indexrelid) NOT LIKE '%%user_id%%'",
            [sorted(HOT)],
        )
        assert cursor.fetchall() == []
    for step in ("first event", "the same again", "submit", "end"):
        assert STEPS[step](tracker).status_code == 200, step
    assert ContentProgress.objects.filter(user=tracker.learner).count() == 2


def test_another_learners_session_is_not_found_by_its_id_alone():
    """The learner in the condition is the token's, so a forged pair finds nothing."""
    session = a_session(a_course())
    event = {"content_id": content(session.course, "video").pk, "interaction_type": "view"}
    report(session, event, now=NOON + timedelta(seconds=5))
    other = Tracker(a_course())
    other.started["session_id"] = str(session.pk)
    assert other.send("video", interaction_type="view").status_code == 404
