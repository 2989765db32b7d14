"""A real learner is never enrolled in a test course, whichever way; and no mark is changed."""

import pytest
from django.db import IntegrityError, transaction

from authoring import enrolling as authoring
from authoring import self_enrolling
from certificates.lifecycle import issuing
from certificates.models import Certificate
from progress.ingest.enrolling import Wanted, enroll, enroll_all
from progress.jobs import Run
from progress.models import Course, Enrollment, User
from tests.factories import NOON
from tests.support.certificates import LATER, a_short_course, completed

pytestmark = pytest.mark.django_db
CSV = {"content_type": "text/csv"}


def enrolled_people() -> set[str]:
    return set(Enrollment.objects.values_list("user__username", flat=True))


def test_the_api_refuses_it_and_names_the_course(owner, anna, test_course, sign_in):
    window = sign_in(owner)
    row = {"user_id": anna.pk, "course_id": test_course.pk}
    for body in (row, {"username": "anna", "course_code": "trial"}):
        answer = window.post("/api/enrollments/", body, "application/json")
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert (error["code"], error["attr"]) == ("test_course", "course_id")
    answer = window.post("/api/enrollments/bulk/", {"rows": [row]}, "application/json").json()
    [error] = answer["results"][0]["errors"]
    assert (error["code"], error["attr"]) == ("test_course", "course_id")
    assert not enrolled_people()


def test_a_live_key_doesnt_know_the_course(live, anna, test_course):
    answer = live.post("/api/enrollments/", {"user_id": anna.pk, "course_id": test_course.pk})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "does_not_exist")


def test_the_admin_refuses_it_and_names_the_course(owner, anna, tess, test_course, sign_in):
    window = sign_in(owner)
    data = {"user": anna.pk, "course": test_course.pk}
    page = window.post("/admin/progress/enrollment/add/", data)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["course"] == [
        "Only test learners can be enrolled in a test course."
    ]
    assert (
        window.post("/admin/progress/enrollment/add/", data | {"user": tess.pk}).status_code == 302
    )
    assert enrolled_people() == {"tess"}


def test_an_import_refuses_the_row_and_names_the_cell(owner, anna, tess, test_course, sign_in):
    window = sign_in(owner)
    answer = window.post(
        "/api/imports/enrollments/", "username,course\ntess,trial\nanna,trial\n", **CSV
    )
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["attr"] == "rows.3.course"
    assert error["detail"] == "A course that isn't only for test learners."
    partial = window.post(
        "/api/imports/enrollments/?partial=true", "username,course\ntess,trial\nanna,trial\n", **CSV
    )
    assert partial.status_code == 200
    assert enrolled_people() == {"tess"}


def test_an_author_finds_and_enrols_test_learners_only(owner, anna, tess, test_course):
    for person in (anna, tess):
        User.objects.filter(pk=person.pk).update(full_name="Same Name")
    found = authoring.found_people(owner, test_course, "Same", "")
    assert [each.username for each in found] == ["tess"]
    outcome = authoring.enrol(test_course, owner, [anna, tess], None, NOON)
    assert (outcome.new, outcome.real) == (1, 1)
    assert enrolled_people() == {"tess"}


def test_a_link_and_the_catalogue_open_test_courses_to_test_learners_only(
    anna, tess, test_course, sign_in
):
    opened = self_enrolling.set_self_enrollment(
        test_course, is_listed=True, has_link=True, due_days=None
    )
    for person, expected in ((anna, 404), (tess, 302)):
        window = sign_in(person)
        assert window.post(f"/join/{opened.link_key}/").status_code == expected
        assert (test_course.title in window.get("/catalogue/").content.decode()) is person.is_test
    assert enrolled_people() == {"tess"}


def test_a_requirement_is_for_no_test_course(owner, test_course, sign_in):
    window = sign_in(owner)
    body = {"name": "All", "course_id": test_course.pk, "departments": []}
    answer = window.post("/api/analytics/requirements/", body, "application/json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "course_id")


# --- The database --------------------------------------------------------------------------------
def test_the_database_refuses_it_too(anna, tess, test_course):
    enroll(tess.pk, test_course.pk, now=NOON)
    for attempt in (
        lambda: enroll(anna.pk, test_course.pk, now=NOON),
        lambda: enroll_all([Wanted(anna.pk, test_course.pk)], now=NOON),
    ):
        with pytest.raises(IntegrityError, match="Only test learners"), transaction.atomic():
            attempt()
    assert enrolled_people() == {"tess"}


@pytest.mark.parametrize("model", [User, Course])
def test_no_mark_is_changed(model, anna, tess, real_course, test_course):
    for row in model.objects.all():
        with pytest.raises(IntegrityError, match="can not be changed"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(is_test=not row.is_test)
        row.save()  # without a change


def test_the_admin_shows_the_mark_and_doesnt_change_it(owner, tess, test_course, sign_in):
    window = sign_in(owner)
    assert "is_test" not in window.get(f"/admin/progress/user/{tess.pk}/change/").context[
        "adminform"].form.fields  # fmt: skip
    page = window.get(f"/admin/progress/course/{test_course.pk}/change/")
    assert "is_test" not in page.context["adminform"].form.fields
    data = {"username": "nina", "is_test": "on", "time_zone": "UTC", "usable_password": "false"}
    assert window.post("/admin/progress/user/add/", data).status_code == 302
    assert User.objects.get(username="nina").is_test
    for kind in ("user", "course"):
        assert window.get(f"/admin/progress/{kind}/?is_test__exact=1").status_code == 200


# --- Certificates --------------------------------------------------------------------------------
def test_a_test_learner_completes_a_course_and_gets_no_certificate(tess, sign_in):
    course = a_short_course()
    tried, real = completed(tess, course), completed(None, course)
    for enrollment in (tried, real):
        issuing.issue(enrollment.pk, LATER)
    issuing.issue_missing(Run("issue_missing"))
    assert [each.enrollment for each in Certificate.objects.all()] == [real]
    page = sign_in(tess).get(f"/courses/{course.pk}/").content.decode()
    assert "certificate is being prepared" not in page and "100 %" in page
