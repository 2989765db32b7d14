"""The people of a course on its page: since when, until when, ended and taken up again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from progress.ingest.enrolling import begin_new_cycle, unenroll
from progress.models import Enrollment
from tests.factories import a_course, a_learner, an_instructor, grant

pytestmark = pytest.mark.django_db
ALL = ("view_enrollment", "change_enrollment", "delete_enrollment")
ACTIONS = ("end", "take-up", "due")


@pytest.fixture
def author(course):
    return grant(an_instructor(course), *ALL)


@pytest.fixture
def lena(course):
    return a_learner(course, full_name="Lena Fischer", username="lena", time_zone="Asia/Amman")


@pytest.fixture
def enrollment(course, lena):
    return Enrollment.objects.get(course=course, user=lena)


@pytest.fixture
def window(author, sign_in):
    return sign_in(author)


@pytest.fixture
def page(course, window):
    def get(**asked) -> str:
        return window.get(f"/authoring/courses/{course.pk}/people/", asked).content.decode()

    return get


@pytest.fixture
def act(course, window):
    def post(action: str, enrollment, **values):
        address = f"/authoring/courses/{course.pk}/{action}/"
        return window.post(address, {"enrollment": enrollment.pk} | values)

    return post


def test_those_enrolled_are_listed_with_since_when_and_until_when(page, lena, enrollment, course):
    other = a_learner(course, full_name="Omar Haddad")
    left = a_learner(course, full_name="Noor Left")
    unenroll(Enrollment.objects.get(user=left), now=timezone.now())
    Enrollment.objects.filter(pk=enrollment.pk).update(
        enrolled_at=datetime(2026, 1, 5, 12, tzinfo=UTC),
        # The end of June 30 where Lena is.
        due_at=datetime(2027, 6, 30, 20, 59, 59, tzinfo=UTC),
    )
    text = page()
    assert "Lena Fischer" in text and other.get_full_name() in text and "Noor Left" not in text
    assert "since Jan. 5, 2026 · due June 30, 2027" in " ".join(text.split()).replace("</p>", "")
    assert "Omar Haddad" not in page(enrolled="lena fischer")


def test_an_enrolment_is_ended_and_that_can_be_undone(act, page, enrollment, window):
    answer = act("end", enrollment)
    enrollment.refresh_from_db()
    assert enrollment.unenrolled_at is not None
    text = window.get(answer["Location"]).content.decode()
    assert "Lena Fischer is no longer enrolled." in text
    act("take-up", enrollment)
    enrollment.refresh_from_db()
    assert enrollment.unenrolled_at is None
    assert Enrollment.objects.count() == 1
    assert "Lena Fischer is enrolled again." in page()


def test_a_due_date_is_set_and_taken_away(act, enrollment, page):
    day = (timezone.now() + timedelta(days=40)).date()
    act("due", enrollment, **{f"due-{enrollment.pk}-due": day.isoformat()})
    enrollment.refresh_from_db()
    assert (enrollment.due_at + timedelta(hours=3)).date() == day  # where Lena is
    assert f'value="{day.isoformat()}"' in page()
    act("due", enrollment, **{f"due-{enrollment.pk}-due": ""})
    enrollment.refresh_from_db()
    assert enrollment.due_at is None


@pytest.mark.parametrize("day", ["soon", "2001-01-01", "9999-12-31"])
def test_a_wrong_day_is_said_at_its_field(act, enrollment, day):
    answer = act("due", enrollment, **{f"due-{enrollment.pk}-due": day})
    assert answer.status_code == 400
    assert f'id="id_due-{enrollment.pk}-due_error"' in answer.content.decode()
    enrollment.refresh_from_db()
    assert enrollment.due_at is None


def test_each_action_takes_its_permission(course, enrollment, sign_in):
    for missing, denied in (
        ("delete_enrollment", {"end"}),
        ("change_enrollment", {"take-up", "due"}),
    ):
        names = [each for each in ALL if each != missing]
        window = sign_in(grant(an_instructor(course), *names))
        for action in ACTIONS:
            address = f"/authoring/courses/{course.pk}/{action}/"
            status = window.post(address, {"enrollment": enrollment.pk}).status_code
            assert (status == 403) is (action in denied), (missing, action)


def test_without_the_permission_to_see_them_nobody_is_named(course, lena, sign_in):
    for names in ((), ("add_enrollment",), ("change_enrollment", "delete_enrollment")):
        window = sign_in(grant(an_instructor(course), *names))
        text = window.get(f"/authoring/courses/{course.pk}/people/").content.decode()
        assert "Lena Fischer" not in text and "Who is enrolled" not in text


def test_who_may_change_the_course_sees_its_people_only_if_they_see_people(course, lena, sign_in):
    """Without teaching it: the view of their own rows, as in the API."""
    editor = grant(an_instructor(), "change_course", "view_all_progress")
    text = sign_in(editor).get(f"/authoring/courses/{course.pk}/people/").content.decode()
    assert "Lena Fischer" not in text


def test_others_and_other_courses_are_as_if_unknown(course, enrollment, sign_in):
    other = a_course()
    stranger = grant(an_instructor(other), *ALL)
    learner = grant(a_learner(course), *ALL)
    for person in (stranger, learner):
        window = sign_in(person)
        for action in ACTIONS:
            for where in (course, other):
                address = f"/authoring/courses/{where.pk}/{action}/"
                answer = window.post(address, {"enrollment": enrollment.pk})
                assert answer.status_code == 404, (person, action, where)
    enrollment.refresh_from_db()
    assert enrollment.unenrolled_at is None


def test_an_enrolment_is_found_in_its_own_course_only(course, enrollment, sign_in):
    """Also by who teaches both."""
    other = a_course()
    window = sign_in(grant(an_instructor(course, other), *ALL))
    for action in ACTIONS:
        address = f"/authoring/courses/{other.pk}/{action}/"
        assert window.post(address, {"enrollment": enrollment.pk}).status_code == 404


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "-1"])
def test_an_impossible_number_is_as_if_unknown(course, window, number):
    for action in ACTIONS:
        address = f"/authoring/courses/{course.pk}/{action}/"
        assert window.post(address, {"enrollment": number}).status_code == 404


def test_an_earlier_cycle_is_left_alone(act, enrollment, lena, course):
    begin_new_cycle(lena.pk, course.pk, now=timezone.now())
    assert act("end", enrollment).status_code == 404


def test_fifty_people_cost_as_many_statements_as_one(
    course, lena, page, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as first:
        page()
    for _ in range(20):
        a_learner(course)
    with django_assert_max_num_queries(len(first)):
        page()


def test_the_list_has_pages(course, lena, page, monkeypatch):
    monkeypatch.setattr("authoring.pages.enrolled.PAGE_SIZE", 1)
    a_learner(course, full_name="Zoe Last")
    assert "Zoe Last" not in page() and "Page 1 of 2" in page()
    assert "Zoe Last" in page(page="2")
