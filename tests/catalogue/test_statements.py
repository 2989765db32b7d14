"""What it costs to write a course, in statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.catalogue import replace_course
from tests.factories import a_document

pytestmark = pytest.mark.django_db


def statements_of(document) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        replace_course(document)
    return [each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]]


def test_of_a_new_course_only_its_own_row_is_read():
    asked = statements_of(a_document())
    (read,) = [sql for sql in asked if sql.startswith("SELECT")]
    assert 'FROM "progress_course"' in read
    assert len(asked) == 7, asked


def test_of_a_stored_course_every_level_is_read_and_what_is_new_is_written():
    document = a_document()
    replace_course(document)
    document["modules"][0]["contents"].append(
        {"code": "more", "content_type": "video", "duration_seconds": 5}
    )
    asked = statements_of(document)
    for table in ("course", "module", "content", "content_waives", "question", "choice"):
        assert any(sql.startswith("SELECT") and f'FROM "progress_{table}"' in sql for sql in asked)
    (written,) = [sql for sql in asked if sql.startswith('INSERT INTO "progress_content"')]
    assert "'more'" in written


def test_a_stored_course_of_many_questions_is_read_with_as_many_statements_as_one_of_few():
    def selects(questions: int) -> int:
        document = a_document()
        quiz = document["modules"][2]["contents"][0]
        quiz["questions"] = [
            quiz["questions"][0] | {"code": f"q{number}"} for number in range(questions)
        ]
        replace_course(document)
        asked = statements_of(document)
        return len([sql for sql in asked if sql.startswith("SELECT")])

    assert selects(1) == selects(20) == 7
