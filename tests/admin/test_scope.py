"""Instructors see their own courses and learners; users who see everything see all."""

import pytest
from django.contrib import admin

from progress.admin.scope import CourseFilter
from progress.models import Course, CourseProgress, Module, User
from tests.factories import a_course_of
from tests.support.admin import (
    MODELS,
    OF_A_COURSE,
    OPERATION,
    a_staff_member,
    an_instructor_who_may_read,
    complete_a_course,
    label,
    page,
    rows_of,
)

BY_COURSE = [
    model for model, at in admin.site._registry.items() if CourseFilter in (at.list_filter or ())
]


def shown(window, model) -> set:
    answer = window.get(page(model), {"all": ""})
    return {row.pk for row in answer.context["cl"].result_list}


def keys(rows) -> set:
    return set(rows.values_list("pk", flat=True))


@pytest.mark.parametrize("model", OF_A_COURSE, ids=label)
def test_an_instructor_sees_own_courses_only(model, sign_in):
    ours, theirs = complete_a_course().course, complete_a_course().course
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
    complete_a_course()
    person = an_instructor_who_may_read()
    assert shown(sign_in(person), model) <= {person.pk}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_an_administrator_sees_everything(model, window):
    complete_a_course()
    complete_a_course()
    assert shown(window, model) == keys(model.objects.all())


def test_a_list_counts_beside_its_filters(window):
    course = complete_a_course().course
    shown = window.get(page(CourseProgress), {"_facets": "True"}).content.decode()
    assert f"{course.title} (1)" in shown


def test_a_permission_lets_staff_see_the_progress_of_every_course(sign_in):
    ours, theirs = complete_a_course().course, complete_a_course().course
    person = a_staff_member("view_courseprogress", "view_all_progress", teaches=[ours])
    expected = keys(rows_of(CourseProgress, ours) | rows_of(CourseProgress, theirs))
    assert shown(sign_in(person), CourseProgress) == expected


@pytest.mark.parametrize("model", OPERATION, ids=label)
def test_an_instructor_sees_no_operation_rows(model, sign_in):
    ours = complete_a_course().course
    assert model.objects.exists()
    assert shown(sign_in(an_instructor_who_may_read(ours)), model) == set()


def test_the_course_filter_offers_own_courses_only(sign_in):
    ours, theirs = complete_a_course().course, complete_a_course().course
    Course.objects.filter(pk=theirs.pk).update(title="Not yours")
    answer = sign_in(an_instructor_who_may_read(ours)).get(page(CourseProgress))
    assert ours.title in answer.content.decode()
    assert "Not yours" not in answer.content.decode()


def test_an_instructor_cannot_add_modules_to_other_courses(sign_in):
    ours, theirs = a_course_of(), a_course_of()
    window = sign_in(a_staff_member("add_module", "view_module", "view_course", teaches=[ours]))
    data = {"code": "m2", "title": "M", "position": 1}
    window.post(page(Module, "add"), data | {"course": theirs.pk})
    assert not Module.objects.filter(course=theirs, code="m2").exists()
    window.post(page(Module, "add"), data | {"course": ours.pk})
    assert Module.objects.filter(course=ours, code="m2").exists()


def test_looking_a_learner_up_finds_own_learners_only(sign_in):
    ours, theirs = complete_a_course(), complete_a_course()
    window = sign_in(
        a_staff_member("add_enrollment", "view_user", "view_course", teaches=[ours.course])
    )
    answer = window.get(
        "/admin/autocomplete/",
        {"app_label": "progress", "model_name": "enrollment", "field_name": "user", "term": ""},
    )
    found = {int(entry["id"]) for entry in answer.json()["results"]}
    assert ours.user_id in found
    assert theirs.user_id not in found


@pytest.mark.parametrize("model", BY_COURSE, ids=label)
def test_a_list_by_course_has_its_rows_only(model, window):
    course, _ = complete_a_course().course, complete_a_course()
    answer = window.get(page(model), {"course": course.pk})
    assert answer.status_code == 200
    of_it = {admin.site._registry[model].course_lookup: course}
    found = {row.pk for row in answer.context["cl"].result_list}
    assert found == keys(model.objects.filter(**of_it))
