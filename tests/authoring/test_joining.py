"""People enrol themselves: by a course's link, or from the catalogue."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authoring import self_enrolling
from authoring.self_enrolling import set_self_enrollment
from progress.ingest.enrolling import unenroll
from progress.models import Content, Course, Enrollment
from tests.factories import a_course, a_user, an_instructor, enrolled, grant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


def opened(course, *, is_listed=False, has_link=False, due_days=None):
    return set_self_enrollment(course, is_listed=is_listed, has_link=has_link, due_days=due_days)


def is_enrolled(person, course) -> bool:
    return Enrollment.objects.active().filter(user=person, course=course).exists()


def test_the_link_shows_the_course_and_its_button_enrols(course, sign_in):
    row, person = opened(course, has_link=True), a_user()
    window = sign_in(person)
    assert course.title in window.get(f"/join/{row.link_key}/").content.decode()
    assert not is_enrolled(person, course)
    joined = window.post(f"/join/{row.link_key}/")
    assert joined["Location"] == f"/courses/{course.pk}/"
    assert is_enrolled(person, course)
    assert window.get(f"/join/{row.link_key}/")["Location"] == f"/courses/{course.pk}/"


def test_the_link_asks_who_is_not_signed_in_to_do_so_first(course, client):
    row = opened(course, has_link=True)
    answer = client.get(f"/join/{row.link_key}/")
    assert answer["Location"] == f"/login/?next=/join/{row.link_key}/"


def test_a_link_that_was_replaced_or_closed_opens_nothing(course, sign_in):
    old = opened(course, has_link=True).link_key
    self_enrolling.renew_link(course)
    new = self_enrolling.self_enrollment_of(course).link_key
    person = a_user()
    window = sign_in(person)
    assert window.post(f"/join/{old}/").status_code == 404
    opened(course, has_link=False)
    assert window.post(f"/join/{new}/").status_code == 404
    assert window.post("/join/None/").status_code == 404
    assert not is_enrolled(person, course)


def test_saving_again_keeps_the_link(course):
    first = opened(course, has_link=True)
    assert opened(course, has_link=True, due_days=5).link_key == first.link_key


def test_a_retired_course_is_neither_joined_nor_listed(course, sign_in):
    row = opened(course, has_link=True, is_listed=True)
    Course.objects.filter(pk=course.pk).update(retired_at=NOW)
    window = sign_in(a_user())
    assert window.post(f"/join/{row.link_key}/").status_code == 404
    assert window.post(f"/catalogue/{course.pk}/enrol/").status_code == 404
    assert course.title not in window.get("/catalogue/").content.decode()


def test_the_catalogue_lists_the_courses_that_are_open(course, sign_in):
    listed, linked, mine = a_course(title="Listed"), a_course(title="Linked"), a_course(title="My")
    person = a_user()
    opened(listed, is_listed=True), opened(linked, has_link=True), opened(mine, is_listed=True)
    enrolled(person, mine)
    window = sign_in(person)
    text = window.get("/catalogue/").content.decode()
    assert "Listed" in text and "Linked" not in text
    assert f'href="/courses/{mine.pk}/"' in text
    assert window.post(f"/catalogue/{listed.pk}/enrol/").status_code == 302
    assert is_enrolled(person, listed)
    for closed in (linked, course):
        assert window.post(f"/catalogue/{closed.pk}/enrol/").status_code == 404
        assert not is_enrolled(person, closed)


def test_a_course_without_contents_is_not_listed_yet(course, sign_in):
    opened(course, is_listed=True)
    Content.objects.filter(module__course=course).update(hidden=True)
    window = sign_in(a_user())
    assert course.title not in window.get("/catalogue/").content.decode()
    assert window.post(f"/catalogue/{course.pk}/enrol/").status_code == 404


def test_a_longer_catalogue_takes_no_more_queries(sign_in):
    window = sign_in(a_user())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            window.get("/catalogue/")
        return len(captured)

    opened(a_course(), is_listed=True)
    one = queries()
    for _ in range(5):
        opened(a_course(), is_listed=True)
    assert queries() == one


def test_the_due_day_is_counted_in_the_learners_own_time_zone(course):
    """At 22:30 UTC it is the next day in Amman."""
    person = a_user(time_zone="Asia/Amman")
    self_enrolling.join(opened(course, due_days=10), person, NOW)
    due = Enrollment.objects.get(user=person, course=course).due_at
    assert due == datetime(2026, 3, 13, 20, 59, 59, tzinfo=UTC)


def test_joining_again_keeps_the_due_date_and_who_had_left_comes_back(course):
    person, row = a_user(), opened(course, due_days=10)
    enrollment = enrolled(person, course)
    self_enrolling.join(row, person, NOW)
    enrollment.refresh_from_db()
    assert enrollment.due_at is None
    unenroll(enrollment, now=NOW)
    self_enrolling.join(row, person, NOW)
    assert is_enrolled(person, course)


def test_the_author_opens_the_course_on_its_page(course, sign_in):
    window = sign_in(grant(an_instructor(course), "add_enrollment"))
    address = f"/authoring/courses/{course.pk}"
    window.post(f"{address}/open/", {"is_listed": "on", "has_link": "on", "due_days": "30"})
    row = self_enrolling.self_enrollment_of(course)
    assert row.is_listed and row.due_days == 30
    assert f"http://testserver/join/{row.link_key}/" in (
        window.get(f"{address}/people/").content.decode()
    )
    window.post(f"{address}/new-link/")
    assert self_enrolling.self_enrollment_of(course).link_key != row.link_key
    window.post(f"{address}/open/", {})
    assert self_enrolling.self_enrollment_of(course).link_key is None


@pytest.mark.parametrize("days", ["0", "-1", "3651", "soon", "1" * 30])
def test_days_that_make_no_date_are_refused_at_their_field(course, sign_in, days):
    window = sign_in(grant(an_instructor(course), "add_enrollment"))
    answer = window.post(f"/authoring/courses/{course.pk}/open/", {"due_days": days})
    assert answer.status_code == 400
    assert 'id="id_due_days_error"' in answer.content.decode()
    assert self_enrolling.self_enrollment_of(course).pk is None
