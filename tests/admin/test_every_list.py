"""What holds for each list of the admin and for its rows, on two completed courses made once."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from progress.admin.list_filters import ChoiceFilter
from progress.admin.scope import CourseFilter
from progress.models import User
from tests.support import worlds
from tests.support.admin import (
    CATALOGUE,
    MODELS,
    OF_A_COURSE,
    OPERATION,
    WRITTEN_BY_INGEST,
    an_instructor_who_may_read,
    complete_a_course,
    csv_rows,
    keys,
    label,
    page,
    rows_of,
    shown,
    sources,
)

pytestmark = pytest.mark.django_db

BY_COURSE = [
    model for model, at in admin.site._registry.items() if CourseFilter in (at.list_filter or ())
]
DOWNLOADED = [model for model in OF_A_COURSE if admin.site._registry[model].downloads]
LISTS = [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry]

INLINE_SCRIPT = re.compile(
    r"\son[a-z]+=|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.IGNORECASE
)


@pytest.fixture(scope="module", autouse=True)
def completed(django_db_setup, django_db_blocker):
    """The sessions of two learners; each has completed a course of their own."""
    with worlds.shared(
        django_db_blocker, lambda: [complete_a_course() for _ in range(2)]
    ) as sessions:
        yield sessions


@pytest.fixture
def courses(completed):
    return [session.course for session in completed]


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_row_names_itself_without_a_query(model, django_assert_num_queries):
    row = model.objects.first()
    with django_assert_num_queries(0):
        assert str(row)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_row_has_a_page_without_inline_scripts(model, window):
    for address in (page(model), page(model, "change", model.objects.first().pk)):
        answer = window.get(address)
        assert answer.status_code == 200
        assert sources(answer, "script-src") == {"'self'", "'unsafe-eval'"}
        assert INLINE_SCRIPT.findall(answer.content.decode()) == []


@pytest.mark.parametrize("name", LISTS)
def test_every_list_and_form_opens(name, window):
    assert window.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert window.get(reverse(f"admin:{name}_add")).status_code in {200, 403}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_searched_for_anything(name, window):
    for term in ("lena", "7", "9" * 40, "%_\\'", "ünïcode ☃", "a\x00b", "-1"):
        answer = window.get(reverse(f"admin:{name}_changelist"), {"q": term})
        assert answer.status_code == 200, term


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_filter_that_a_list_does_not_have_is_refused(model, window):
    assert window.get(page(model), {"no_such": "1"}).status_code == 400
    for each in admin.site._registry[model].list_filter or ():
        if isinstance(each, type):
            assert issubclass(each, ChoiceFilter)
            assert window.get(page(model), {each.parameter_name: "blue"}).status_code == 400


@pytest.mark.parametrize("model", WRITTEN_BY_INGEST, ids=label)
def test_nobody_edits_rows_that_ingest_writes(model, window):
    pk = model.objects.first().pk
    before = model.objects.values().get(pk=pk)
    assert window.get(page(model, "add")).status_code == 403
    assert window.post(page(model, "change", pk), {"status": "x"}).status_code == 403
    assert window.post(page(model, "delete", pk), {"post": "yes"}).status_code == 403
    assert 'name="_save"' not in window.get(page(model, "change", pk)).content.decode()
    assert model.objects.values().get(pk=pk) == before


@pytest.mark.parametrize("model", CATALOGUE, ids=label)
def test_catalogue_rows_cannot_be_deleted(model, window):
    pk = model.objects.first().pk
    window.post(page(model, "delete", pk), {"post": "yes"})
    window.post(page(model), {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
    assert model.objects.filter(pk=pk).exists()


@pytest.mark.parametrize("model", OF_A_COURSE, ids=label)
def test_an_instructor_sees_own_courses_only(model, sign_in, courses):
    ours, theirs = courses
    person = an_instructor_who_may_read(ours)
    window = sign_in(person)
    own = {person.pk} if model is User else set()
    assert keys(rows_of(model, ours))
    assert shown(window, model) == keys(rows_of(model, ours)) | own
    mine, other = rows_of(model, ours).first(), rows_of(model, theirs).first()
    assert window.get(page(model, "change", mine.pk)).status_code == 200
    # Like an id that doesn't exist.
    assert window.get(page(model, "change", other.pk)).status_code == 302


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_former_instructor_sees_no_rows(model, sign_in):
    person = an_instructor_who_may_read()
    assert shown(sign_in(person), model) <= {person.pk}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_an_administrator_sees_everything(model, window):
    assert shown(window, model) == keys(model.objects.all())


@pytest.mark.parametrize("model", OPERATION, ids=label)
def test_an_instructor_sees_no_operation_rows(model, sign_in, courses):
    assert model.objects.exists()
    assert shown(sign_in(an_instructor_who_may_read(courses[0])), model) == set()


@pytest.mark.parametrize("model", BY_COURSE, ids=label)
def test_a_list_by_course_has_its_rows_only(model, window, courses):
    course = courses[0]
    answer = window.get(page(model), {"course": course.pk})
    assert answer.status_code == 200
    of_it = {admin.site._registry[model].course_lookup: course}
    found = {row.pk for row in answer.context["cl"].result_list}
    assert found == keys(model.objects.filter(**of_it))


@pytest.mark.parametrize("model", DOWNLOADED, ids=label)
def test_a_file_has_rows_that_the_user_may_see_and_is_linked_to(model, sign_in, courses):
    own, other = courses
    window = sign_in(an_instructor_who_may_read(own))
    rows = csv_rows(window.get(page(model, "download", "csv")))
    ids = {str(pk) for pk in rows_of(model, own).values_list("pk", flat=True)}
    assert ids and ids <= {row["id"] for row in rows}
    others = rows_of(model, other).values_list("pk", flat=True)
    assert not {str(pk) for pk in others} & {row["id"] for row in rows}
    assert page(model, "download", "xlsx") in window.get(page(model)).content.decode()
