"""Accounts, and enrolments, which are written by one module only."""

import pytest
from django.contrib.auth.models import Permission

from progress.models import CourseProgress, Enrollment, User
from tests.factories import a_course_of, a_learner, a_session, a_user, an_integrator, enrolled
from tests.support.admin import a_staff_member, an_instructor_who_may_read, choose, page

PASSWORD = "a long enough sentence"


# --- Accounts ------------------------------------------------------------------------------------
def test_an_account_is_added_with_a_name_and_signs_in(window, client):
    answer = window.post(
        page(User, "add"),
        {
            "username": "lena",
            "full_name": "Lena Fischer",
            "email": "lena@example.org",
            "time_zone": "Europe/Berlin",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    lena = User.objects.get(username="lena")
    assert answer.status_code == 302
    assert (lena.full_name, lena.time_zone, lena.external_id) == (
        "Lena Fischer",
        "Europe/Berlin",
        None,
    )
    assert lena.check_password(PASSWORD)


def test_a_password_is_changed(window):
    lena = a_user(password="before")
    answer = window.post(
        f"/admin/progress/user/{lena.pk}/password/",
        {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )
    lena.refresh_from_db()
    assert answer.status_code == 302
    assert lena.check_password(PASSWORD)


def test_a_time_zone_that_does_not_exist_is_refused(window):
    lena = a_user()
    answer = window.post(
        page(User, "change", lena.pk), {"username": lena.username, "time_zone": "Moon/Crater"}
    )
    assert "is not a time zone" in answer.content.decode()


def test_account_managers_cannot_grant_permissions(sign_in):
    clerk, lena = a_staff_member("view_user", "change_user"), a_user()
    power = Permission.objects.get(codename="view_all_progress")
    answer = sign_in(clerk).post(
        page(User, "change", lena.pk),
        {
            "username": lena.username,
            "full_name": "Lena F.",
            "time_zone": "UTC",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "user_permissions": [power.pk],
        },
    )
    lena.refresh_from_db()
    assert (answer.status_code, lena.full_name) == (302, "Lena F.")
    assert (lena.is_staff, lena.is_superuser) == (False, False)
    assert not lena.user_permissions.exists()


@pytest.mark.parametrize("power", ["is_superuser", "is_staff", "may enrol"])
def test_account_managers_cannot_take_over_accounts_with_more_permissions(sign_in, power):
    clerk = a_staff_member("view_user", "change_user")
    boss = an_integrator("add_enrollment") if power == "may enrol" else a_user(**{power: True})
    window = sign_in(clerk)
    assert window.post(page(User, "change", boss.pk), {"username": "x"}).status_code == 403
    changed = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    answer = window.post(f"/admin/progress/user/{boss.pk}/password/", changed)
    boss.refresh_from_db()
    assert answer.status_code == 403
    assert not boss.check_password(PASSWORD)


def test_an_instructor_sees_a_learners_details_but_no_password(sign_in):
    course = a_course_of()
    lena = a_learner(course, full_name="Lena Fischer")
    answer = sign_in(an_instructor_who_may_read(course)).get(page(User, "change", lena.pk))
    text = answer.content.decode()
    assert "Lena Fischer" in text
    assert "assword hash" not in text and "algorithm" not in text
    assert "superuser" not in text.lower()


def test_accounts_are_deactivated_not_deleted(window):
    lena = a_user()
    assert window.post(page(User, "delete", lena.pk), {"post": "yes"}).status_code == 403


# --- Enrolments ----------------------------------------------------------------------------------
def test_enrolling_gives_the_learner_progress_to_write_to(window):
    course, lena = a_course_of(), a_user()
    answer = window.post(
        page(Enrollment, "add"),
        {"user": lena.pk, "course": course.pk, "due_at_0": "2026-12-01", "due_at_1": "09:00:00"},
    )
    progress = CourseProgress.objects.get(user=lena, course=course)
    assert answer.status_code == 302
    assert progress.enrollment.due_at.isoformat() == "2026-12-01T09:00:00+00:00"
    assert a_session(course, lena).enrollment_id == progress.enrollment_id


def test_an_unenrolled_learner_can_be_enrolled_again(window):
    course = a_course_of()
    before = enrolled(a_user(), course)
    choose(window, "unenrol", before)
    before.refresh_from_db()
    assert before.unenrolled_at is not None
    answer = window.post(
        page(Enrollment, "add"), {"user": before.user_id, "course": course.pk}, follow=True
    )
    before.refresh_from_db()
    assert before.unenrolled_at is None
    assert "that enrolment is continued" in answer.content.decode()
    assert Enrollment.objects.count() == 1


def test_only_the_due_date_of_an_enrolment_is_changed(window):
    before, other = enrolled(a_user(), a_course_of()), a_user()
    window.post(
        page(Enrollment, "change", before.pk),
        {"due_at_0": "2026-12-01", "due_at_1": "09:00:00", "user": other.pk, "cycle": 9},
    )
    after = Enrollment.objects.get()
    assert after.due_at is not None
    assert (after.user_id, after.cycle) == (before.user_id, 1)


def test_a_new_cycle_begins_and_the_old_one_stays(window):
    before = enrolled(a_user(), a_course_of())
    choose(window, "begin_new_cycle", before)
    assert list(Enrollment.objects.order_by("cycle").values_list("cycle", "is_current")) == [
        (1, False),
        (2, True),
    ]
    assert CourseProgress.objects.count() == 2


def test_nobody_is_enrolled_in_a_retired_course(window):
    course = a_course_of()
    choose(window, "retire", course)
    window.post(page(Enrollment, "add"), {"user": a_user().pk, "course": course.pk})
    assert not Enrollment.objects.exists()
