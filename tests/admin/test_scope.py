"""Instructors see their own courses and learners; users who see everything see all."""

from django.contrib import admin

from progress.admin.scope import CourseFilter
from progress.models import Course, CourseProgress, Module
from tests.factories import a_course_of
from tests.support.admin import (
    a_staff_member,
    an_instructor_who_may_read,
    complete_a_course,
    keys,
    page,
    rows_of,
    shown,
)

BY_COURSE = [
    model for model, at in admin.site._registry.items() if CourseFilter in (at.list_filter or ())
]


def test_a_list_counts_beside_its_filters(window):
    course = complete_a_course().course
    shown = window.get(page(CourseProgress), {"_facets": "True"}).content.decode()
    assert f"{course.title} (1)" in shown


def test_a_permission_lets_staff_see_the_progress_of_every_course(sign_in):
    ours, theirs = complete_a_course().course, complete_a_course().course
    person = a_staff_member("view_courseprogress", "view_all_progress", teaches=[ours])
    expected = keys(rows_of(CourseProgress, ours) | rows_of(CourseProgress, theirs))
    assert shown(sign_in(person), CourseProgress) == expected


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
