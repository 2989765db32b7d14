"""Pre-tests, alternatives and remedial content are part of a course's document."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ValidationError

from progress.catalogue import course_document, replace_course
from progress.models import Content, Course
from tests.factories import a_course_of, a_document, content
from tests.support.waivers import BOOK, FILM, PRE_TEST, WALK, a_chosen_course, a_tested_course

pytestmark = pytest.mark.django_db


def test_the_document_returns_what_it_was_given():
    course = a_tested_course(path="adaptive")
    document = course_document(course, is_author=True)
    assert document["path"] == "adaptive"
    [test, film, *_] = document["modules"][0]["contents"]
    assert (test["waives"], film["waives"]) == (["film", "book"], [])
    chosen = course_document(a_chosen_course(), is_author=False)["modules"][0]["contents"]
    assert [each["alternative_group"] for each in chosen] == ["either", "either", ""]


def test_the_same_document_again_changes_nothing():
    document = course_document(a_tested_course(), is_author=True)
    again = replace_course(document)
    assert not again.was_changed
    document["modules"][0]["contents"][0]["waives"] = ["film"]
    changed = replace_course(document)
    assert changed.structure_version == again.structure_version + 1
    assert [each.code for each in content(changed, "test").waives.all()] == ["film"]


def test_a_path_that_is_left_out_is_fixed_and_changes_no_structure():
    course = a_course_of(WALK)
    assert course.path == Course.Path.FIXED
    document = course_document(course, is_author=True)
    changed = replace_course(document | {"path": "adaptive"})
    assert changed.was_changed
    assert changed.structure_version == course.structure_version


REMEDIAL = {"remedial": True, "required": False, "skills": ["fire"]}


@pytest.mark.parametrize(
    ("contents", "refusal"),
    [
        ([FILM | {"waives": ["c2"]}, BOOK], "waives: Does not apply"),
        ([PRE_TEST | {"required": True, "waives": ["c2"]}, FILM], "required: A pre-test is opt"),
        ([PRE_TEST | {"pass_percentage": None, "waives": ["c2"]}, FILM], "pass_percentage: A pre"),
        ([PRE_TEST | {"max_attempts": None, "waives": ["c2"]}, FILM], "max_attempts: A pre-test"),
        ([PRE_TEST | {"waives": ["c9"]}, FILM], "waives: There is no content"),
        ([PRE_TEST | {"waives": ["c1"]}, FILM], "waives: A pre-test can't waive itself"),
        (
            [PRE_TEST | {"waives": ["c2"]}, PRE_TEST | {"waives": ["c3"]}, FILM],
            "waives: 'c2' is a pre-test",
        ),
        (
            [PRE_TEST | {"waives": ["c2"], "prerequisites": ["c2"]}, FILM],
            "waives: 'c2' has to be done before",
        ),
        (
            [PRE_TEST | {"waives": ["c2"], "alternative_group": "a"}, FILM],
            "alternative_group: A pre-test can't be",
        ),
        ([FILM | REMEDIAL | {"required": True}], "required: Remedial content is optional"),
        ([FILM | REMEDIAL | {"skills": []}], "skills: Remedial content names"),
    ],
)
def test_a_course_that_no_path_can_complete_is_refused_and_the_field_named(contents, refusal):
    field, _, words = refusal.partition(": ")
    with pytest.raises(ValidationError) as refused:
        a_course_of(*contents)
    assert f"'{field}'" in str(refused.value.detail)
    assert words in str(refused.value.detail)
    assert not Course.objects.exists()


def test_paths_cost_a_document_no_more_statements():
    course = a_tested_course()
    with CaptureQueriesContext(connection) as found:
        course_document(course, is_author=True)
    assert len(found) <= 7


def test_required_remedial_content_is_refused_by_the_database_too():
    course = a_course_of(FILM | REMEDIAL)
    with pytest.raises(Exception, match="content_remedial_is_optional"):
        Content.objects.filter(module__course=course).update(required=True)


def test_an_empty_document_has_no_paths():
    document = a_document()
    assert "path" not in document
    assert replace_course(document).path == "fixed"
