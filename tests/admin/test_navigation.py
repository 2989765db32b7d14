"""The admin's sidebar shows what each user may see, and every page has the same styling."""

import pytest
from django.contrib import admin
from django.urls import reverse
from unfold.admin import ModelAdmin

from lms_progress.administration import navigation
from progress.models import Course, Drift, Job, Module
from tests.support.admin import a_staff_member, an_instructor_who_may_read, complete_a_course, page


def links(window) -> list[str]:
    groups = window.get("/admin/").context["sidebar_navigation"]
    return [item["link"] for group in groups for item in group["items"]]


def test_an_administrator_finds_every_list(window):
    found = links(window)
    missing = [
        model._meta.label
        for model in admin.site._registry
        if reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        not in found
    ]
    assert missing == []


def test_an_instructor_finds_what_they_may_see_but_no_operation_pages(sign_in):
    found = links(sign_in(a_staff_member("view_course", "view_job")))
    assert page(Course) in found
    assert page(Module) not in found
    # The permission alone shows none of its rows.
    assert page(Job) not in found


@pytest.mark.parametrize(
    "permissions",
    [
        ("view_course", "change_module", "view_job", "view_group"),
        ("view_courseprogress", "add_enrollment", "delete_waiver", "view_endpoint"),
        ("view_courseprogress", "view_all_progress", "view_job", "view_certificate"),
        (),
    ],
)
def test_the_sidebar_has_the_lists_that_django_would_show(sign_in, rf, permissions):
    person = a_staff_member(*permissions)
    request = rf.get("/admin/")
    request.user = person
    applications = admin.site.get_app_list(request)
    expected = {m["admin_url"] for each in applications for m in each["models"]} - {None}
    lists = {reverse(f"admin:{name}_changelist") for name in LISTS}
    assert {link for link in links(sign_in(person)) if link in lists} == expected


def test_the_sidebar_is_in_the_language_of_the_reader(sign_in):
    def words(language: str) -> str:
        person = a_staff_member()
        person.is_superuser, person.language = True, language
        person.save()
        return sign_in(person).get("/admin/").context["sidebar_links"]

    assert "Access attempts" in words("en")
    assert "Zugriffsversuche" in words("de")
    assert "Access attempts" in words("en")


def test_the_list_of_the_page_is_marked_in_the_sidebar(window):
    def marked(address: str) -> list[str]:
        groups = window.get(address).context["sidebar_navigation"]
        return [item["link"] for group in groups for item in group["items"] if item["active"]]

    assert marked("/admin/") == ["/admin/"]
    assert marked(page(Course)) == [page(Course)]
    assert marked(reverse("admin:progress_course_add")) == [page(Course)]
    assert marked(page(Module)) == [page(Module)]


def test_the_page_that_builds_courses_is_offered_to_those_who_may(sign_in, window):
    address = reverse("authoring")
    assert address in links(window)
    assert address in links(sign_in(a_staff_member("view_course", "add_course")))
    assert address not in links(sign_in(a_staff_member("view_course")))


def test_a_failure_in_the_sidebar_keeps_its_name(window, monkeypatch):
    def fails(request):
        raise ImportError("no such module")

    monkeypatch.setattr(navigation, "sidebar", fails)
    with pytest.raises(ImportError, match="no such module"):
        window.get("/admin/")


def test_no_group_is_empty(sign_in):
    groups = sign_in(an_instructor_who_may_read()).get("/admin/").context["sidebar_navigation"]
    assert all(group["items"] for group in groups)


def test_every_admin_page_has_the_same_styling():
    assert [m for m, page in admin.site._registry.items() if not isinstance(page, ModelAdmin)] == []


LISTS = [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry]


def test_drift_is_found_by_its_enrolment(window):
    session = complete_a_course()
    for term, count in ((session.enrollment_id, 1), (session.enrollment_id + 1, 0)):
        found = window.get(page(Drift), {"q": str(term)}).context["cl"].result_count
        assert found == count


def test_a_search_with_an_invalid_page_is_not_found(window):
    assert window.get("/admin/search/", {"s": "course"}).status_code == 200
    for number in ("x", "0", "99"):
        assert window.get("/admin/search/", {"s": "course", "page": number}).status_code == 404
