"""Files and documents that are too large are refused before their contents are checked."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.catalogue import size
from progress.importing import KINDS, Unreadable, run, table
from progress.importing.table import read_table
from progress.models import Course
from tests.factories import NOON, a_user


def imported(slug: str, text: str):
    return run(KINDS[slug], text.encode(), by=None, now=NOON)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (",".join(f"c{n}" for n in range(101)), "More than 100 columns"),
        (",".join(f"c{n}" for n in range(20_000)), "Row 1 has more than 200 cells"),
        ("a,b\n" + "," * 1_000_000, "Row 2 has more than 200 cells"),
        ("a\n" + "\n" * 8_000_000, "More than 100000 rows"),
        ("a\n" + "x\n" * 8_000_000, "More than 100000 rows"),
        ("a\n" + "x\n" * 100_001, "More than 100000 rows"),
    ],
    ids=["columns", "many columns", "cells", "empty lines", "rows", "one row too many"],
)
def test_a_file_that_is_too_large_says_so(content, said):
    with pytest.raises(Unreadable, match=said):
        read_table(content.encode())


def test_reading_stops_at_the_row_that_is_too_many(monkeypatch):
    read = []
    monkeypatch.setattr(table, "_cell", lambda cell: read.append(cell) or cell)
    with pytest.raises(Unreadable):
        read_table(b"a\n" + b"x\n" * 1_000_000)
    assert len(read) <= table.MAX_ROWS + 2


def test_as_many_rows_as_are_allowed_are_read():
    assert len(read_table(b"a\n" + b"x\n" * table.MAX_ROWS).rows) == table.MAX_ROWS


def test_a_file_of_nothing_but_wrong_cells_is_refused_with_the_first(db):
    text = "username,full_name,email\n" + "u,f,no address\n" * 20_000
    with pytest.raises(Unreadable, match="More than 10000 cells are wrong; the first is in row 2"):
        imported("people", text)


@pytest.mark.django_db
def test_a_file_of_too_many_courses_writes_none_of_them():
    head = "course,course_title,module,content,content_type,url\n"
    rows = "".join(f"c{n},C,m,x,text,/x.html\n" for n in range(2_000))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        outcome = imported("courses", head + rows)
    assert [problem.column for problem in outcome.problems] == ["course"]
    assert "At most 500 courses" in outcome.problems[0].wanted
    assert not outcome.is_written
    assert not Course.objects.exists()
    assert len(asked) < 1_000


@pytest.mark.django_db
def test_a_file_of_one_course_with_too_many_contents_names_the_row():
    head = "course,course_title,module,content,content_type,url\n"
    rows = "".join(f"c,C,m{n % 10},x{n},text,/x.html\n" for n in range(20_000))
    outcome = imported("courses", head + rows)
    assert any("At most 2,000 contents in a course" in each.wanted for each in outcome.problems)
    assert not outcome.is_written
    assert not Course.objects.exists()


def content(number: int = 0, **values) -> dict:
    return {"code": f"x{number}", "content_type": "text", "url": "/x.html"} | values


def quiz(questions: int, choices: int = 2) -> dict:
    answers = [{"text": str(n), "correct": n == 0} for n in range(choices)]
    asked = [{"code": str(n), "text": "?", "choices": answers} for n in range(questions)]
    return {"code": "q", "content_type": "quiz", "questions": asked}


TOO_LARGE = [
    ([content(n) for n in range(20_000)], "modules.0.contents.2000"),
    ([content(prerequisites=["x0"] * 51)], "modules.0.contents.0.prerequisites"),
    ([content(skills=["s"] * 51)], "modules.0.contents.0.skills"),
    ([quiz(10_001)], "modules.0.contents.0.questions"),
    ([quiz(1, 101)], "modules.0.contents.0.questions.0.choices"),
    ([content(n, skills=["s"] * 50) for n in range(300)], "modules.0.contents.200"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("contents", "path"), TOO_LARGE, ids=[path for _, path in TOO_LARGE])
def test_a_course_document_that_is_too_large_is_refused_where_it_is(client, contents, path):
    client.force_login(a_user(is_superuser=True))
    document = {"code": "c", "title": "C", "modules": [{"code": "m", "contents": contents}]}
    answer = client.post("/api/courses/", json.dumps(document), "application/json")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [path]
    assert not Course.objects.exists()


@pytest.mark.django_db
def test_too_many_modules_or_people_are_refused(client):
    client.force_login(a_user(is_superuser=True))
    many = {"modules": [{"code": str(n)} for n in range(501)], "instructors": ["x"] * 501}
    for name, items in many.items():
        document = {"code": "c", "title": "C", name: items}
        answer = client.post("/api/courses/", json.dumps(document), "application/json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["attr"] == name


@pytest.mark.parametrize("document", [None, 5, "x", [], {"modules": 5}, {"modules": [5, {}]}])
def test_values_of_the_wrong_type_are_left_to_the_serializer(document):
    size.check(document)
