"""Writes to courses, enrolments and sessions by staff: each interface, and whose they may change.

A door is a function that tries one change; whether the change is in the database afterwards is
what counts, whatever the door answered.
"""

import pytest
from django.urls import reverse
from django.utils import timezone

from progress.catalogue import course_document
from progress.importing import KINDS, run
from progress.models import Course, Enrollment, User
from tests.factories import (
    a_course_of,
    a_document,
    a_learner,
    a_user,
    an_instructor,
    an_integrator,
    enrolled,
    grant,
)
from tests.support.callers import api, window

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db) -> Course:
    return a_course_of({"content_type": "embed", "completion_source": "reported"}, title="Own")


@pytest.fixture
def other(db) -> Course:
    return a_course_of({"content_type": "embed", "completion_source": "reported"}, title="Other")


# --- Instructors ---------------------------------------------------------------------------------
EMBED = "course,course_title,instructors,module,content,content_type\n"


def name_by_post(actor, course, username):
    document = course_document(course, is_author=True) | {"instructors": [username]}
    return api(actor).post("/api/courses/", document)


def name_by_put(actor, course, username):
    document = course_document(course, is_author=True) | {"instructors": [username]}
    return api(actor).put(f"/api/courses/{course.pk}/", document)


def name_by_file(actor, course, username):
    text = f"{EMBED}{course.code},,{username},m,c1,embed\n".encode()
    run(KINDS["courses"], text, by=actor, now=timezone.now())


def name_by_form(actor, course, username):
    response = {
        "title": course.title,
        "plausibility": course.plausibility,
        "path": course.path,
        "instructors": [User.objects.get(username=username).pk],
    }
    window(actor).post(reverse("admin:progress_course_change", args=[course.pk]), response)


NAMING = [name_by_post, name_by_put, name_by_file, name_by_form]


def an_author(*permissions: str, **changes) -> User:
    return grant(a_user(**changes), "add_course", "change_course", "view_course", *permissions)


SEES = ("view_user", "view_enrollment", "view_courseprogress")


@pytest.mark.parametrize("door", NAMING)
def test_staff_cannot_let_others_see_learners_they_may_not_see(door, course):
    for author in (an_author(), an_author("view_user"), an_author(is_staff=True)):
        door(author, course, author.username)
        assert not course.instructors.exists()
    if door is name_by_form:
        sees = an_author(*SEES, "view_all_progress", is_staff=True)
    else:
        sees = an_author(*SEES)
    door(sees, course, sees.username)
    assert list(course.instructors.all()) == [sees]


@pytest.mark.parametrize("door", [name_by_post, name_by_put])
def test_choosing_instructors_without_permission_is_403_unless_unchanged(door, course):
    author, teacher = an_author(), an_instructor(course)
    assert door(author, course, teacher.username).status_code == 200
    assert door(author, course, author.username).status_code == 403
    assert list(course.instructors.all()) == [teacher]


@pytest.mark.parametrize("door", NAMING)
def test_an_instructor_chooses_people_of_own_courses_only(door, course, other):
    teacher = grant(an_instructor(course), "view_course", "change_course")
    learner, stranger = a_learner(course), a_learner(other)
    door(teacher, course, stranger.username)
    assert list(course.instructors.all()) == [teacher]
    door(teacher, other, teacher.username)
    assert not other.instructors.exists()
    door(teacher, course, learner.username)
    assert list(course.instructors.all()) == [learner]


def test_an_invisible_person_looks_like_an_unknown_name(course, other):
    teacher, stranger = an_instructor(course), a_learner(other)
    answers = [
        name_by_put(teacher, course, name).json()["errors"] for name in (stranger.username, "gone")
    ]
    assert answers[0][0]["detail"].replace(stranger.username, "gone") == answers[1][0]["detail"]


def test_the_author_of_a_new_course_chooses_its_instructors():
    author, teacher = an_author("view_user"), a_user()
    answer = api(author).post("/api/courses/", a_document(instructors=[teacher.username]))
    assert answer.status_code == 201
    assert answer.json()["instructors"] == [teacher.username]


def title_by_post(actor, course, title):
    document = course_document(course, is_author=True) | {"title": title}
    api(actor).post("/api/courses/", document)


def title_by_put(actor, course, title):
    document = course_document(course, is_author=True) | {"title": title}
    api(actor).put(f"/api/courses/{course.pk}/", document)


def title_by_form(actor, course, title):
    data = {"title": title, "plausibility": "enforce", "path": "fixed"}
    window(actor).post(reverse("admin:progress_course_change", args=[course.pk]), data)


def title_by_file(actor, course, title):
    text = f"{EMBED}{course.code},{title},,m,c1,embed\n".encode()
    run(KINDS["courses"], text, by=actor, now=timezone.now())


@pytest.mark.parametrize("door", [title_by_post, title_by_put, title_by_form, title_by_file])
def test_staff_change_courses_that_they_teach_only(door, course, other):
    teacher = grant(an_instructor(course), "view_course", "change_course")
    enrolled(teacher, other)
    for place in (course, other):
        door(teacher, place, "Changed")
        place.refresh_from_db()
    assert (course.title, other.title) == ("Changed", "Other")


# --- Enrolments ----------------------------------------------------------------------------------
def enroll_by_post(actor, person, course):
    api(actor).post("/api/enrollments/", {"user_id": person.pk, "course_id": course.pk})


def enroll_by_file(actor, person, course):
    text = f"username,course\n{person.username},{course.code}\n".encode()
    run(KINDS["enrollments"], text, by=actor, now=timezone.now())


def enroll_by_form(actor, person, course):
    data = {"user": person.pk, "course": course.pk}
    window(actor).post(reverse("admin:progress_enrollment_add"), data)


RIGHTS = ("add_enrollment", "change_enrollment", "delete_enrollment", "view_enrollment")


@pytest.mark.parametrize("door", [enroll_by_post, enroll_by_file, enroll_by_form])
def test_staff_enrol_own_learners_into_own_courses_only(door, course, other):
    second = a_course_of({"content_type": "embed", "completion_source": "reported"})
    teacher = grant(an_instructor(course, second), *RIGHTS)
    known, stranger = a_learner(course), a_learner(other)
    enrolled(teacher, other)
    for person, place, is_made in (
        (stranger, second, False),
        (known, other, False),
        (stranger, course, False),
        (known, second, True),
    ):
        before = Enrollment.objects.count()
        door(teacher, person, place)
        assert (Enrollment.objects.count() > before) == is_made
    nobody = grant(an_instructor(second), "view_enrollment")
    door(nobody, nobody, second)
    assert not Enrollment.objects.filter(user=nobody).exists()


def test_invisible_people_and_courses_look_like_unknown_ones(course, other):
    teacher = grant(an_instructor(course), *RIGHTS)
    known, stranger = a_learner(course), a_learner(other)

    def refusal(**ids):
        body = {"user_id": known.pk, "course_id": course.pk} | ids
        answer = api(teacher).post("/api/enrollments/", body)
        (error,) = answer.json()["errors"]
        return answer.status_code, error["code"], error["attr"], error["detail"].split('"')[-1]

    assert refusal(user_id=stranger.pk) == refusal(user_id=999_999_999)
    assert refusal(course_id=other.pk) == refusal(course_id=999_999_999)


@pytest.mark.parametrize("new_cycle", [False, True])
def test_existing_enrolments_need_the_change_permission(new_cycle, course):
    registrar = an_integrator("add_enrollment", "view_enrollment")
    before = enrolled(a_user(), course)
    asked = {"user_id": before.user_id, "course_id": course.pk}
    changed = {"new_cycle": True} if new_cycle else {"due_at": "2030-01-01T00:00:00Z"}
    assert api(registrar).post("/api/enrollments/", asked).status_code == 200
    assert api(registrar).post("/api/enrollments/", asked | changed).status_code == 403
    assert Enrollment.objects.get().due_at is None
    registrar = User.objects.get(pk=grant(registrar, *RIGHTS).pk)
    assert api(registrar).post("/api/enrollments/", asked | changed).status_code < 300


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_staff_may_not_change_their_own_enrolment_in_other_courses(method, course, other):
    teacher = grant(an_instructor(course), *RIGHTS)
    for person, place, status in (
        (teacher, other, 403),
        (a_learner(), other, 404),
        (a_learner(), course, {"patch": 200, "delete": 204}[method]),
    ):
        row = enrolled(person, place)
        ask = getattr(api(teacher), method)
        response = ask(f"/api/enrollments/{row.pk}/", {"due_at": "2030-01-01T00:00:00Z"})
        assert response.status_code == status
        row.refresh_from_db()
        is_changed = bool(row.due_at or row.unenrolled_at)
        assert is_changed == (status < 300)


# --- Sessions ------------------------------------------------------------------------------------
def test_staff_start_and_report_sessions_in_own_courses_only(course, other):
    teacher = grant(an_instructor(course), "add_learningsession", "change_learningsession")
    key = an_integrator("add_learningsession", "change_learningsession")
    for place, by_teacher in ((course, 201), (other, 404)):
        asked = {"course_id": place.pk, "user_id": a_learner(place).pk}
        assert api(teacher).post("/api/employee/start_session", asked).status_code == by_teacher
        started = api(key).post("/api/employee/start_session", asked)
        assert started.status_code == 201
        body = {"session_id": started.json()["session_id"]}
        ended = api(teacher).post("/api/employee/end_session", body)
        assert ended.status_code == (200 if place == course else 404)
