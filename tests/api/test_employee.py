"""Sessions, credentials and reading over HTTP, as integrators and browsers use them."""

import json
import uuid
from datetime import timedelta

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from progress.models import LearningSession
from progress.security import tokens
from tests.factories import (
    NOON,
    a_course,
    a_course_of,
    a_learner,
    a_user,
    an_instructor,
    an_integrator,
    content,
    enrolled,
)
from tests.support.employee_api import END, START, UPDATE, VIDEO, Learner, beat, error_of

pytestmark = pytest.mark.django_db


# --- start_session -------------------------------------------------------------------------------
def test_a_session_starts_with_all_that_a_tracker_needs(clock):
    person = Learner(a_course())
    module = person.course.modules.first()
    answer = person.start(module_id=module.pk, device_id="laptop")
    body = answer.json()
    assert answer.status_code == 201
    assert body["user_id"] == person.user.pk
    assert body["module_id"] == module.pk
    assert (body["heartbeat_seconds"], body["idle_timeout_seconds"]) == (5, 300)
    assert body["resume"] is None
    assert body["course"]["current_module_id"] == module.pk
    assert body["stream_url"].startswith(
        f"/api/employee/stream/{person.user.pk}/{person.course.pk}?token="
    )


def test_the_stream_url_belongs_to_the_caller(clock):
    person = Learner(a_course_of(VIDEO))
    started = person.start().json()
    instructor = a_user(is_staff=True)
    person.course.instructors.add(instructor)
    client = APIClient()
    client.force_login(instructor)
    path = f"/api/employee/realtime_progress/{person.user.pk}/{person.course.pk}"
    by_session = APIClient().get(path, HTTP_AUTHORIZATION=f"Session {started['session_token']}")
    for answer, reader in (
        (started, person.user),
        (started["course"], person.user),
        (by_session.json(), person.user),
        (client.get(path).json(), instructor),
    ):
        claims = tokens.read_stream_token(answer["stream_url"].split("token=")[1])
        named = (claims.reader_id, claims.user_id, claims.course_id)
        assert named == (reader.pk, person.user.pk, person.course.pk)


def test_the_same_client_session_id_gives_200_and_the_same_session(clock):
    person, name = Learner(a_course_of(VIDEO)), str(uuid.uuid4())
    first = person.start(client_session_id=name).json()
    person.post(END, {})
    again = person.start(client_session_id=name)
    assert again.status_code == 200
    assert again.json()["session_id"] == first["session_id"]
    assert again.json()["end_time"] is not None


def test_a_learner_who_is_not_enrolled_gets_403(clock):
    person = Learner(a_course_of(VIDEO))
    answer = person.client.post(START, {"course_id": a_course_of(VIDEO).pk})
    assert (answer.status_code, error_of(answer)["code"]) == (403, "not_enrolled")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "course_id"),
        ({"course_id": "1"}, "course_id"),
        ({"course_id": True}, "course_id"),
        ({"course_id": 1, "client_session_id": "x"}, "client_session_id"),
        ({"course_id": 1, "device_id": "x" * 65}, "device_id"),
    ],
)
def test_a_wrong_start_names_its_field(clock, body, attr):
    answer = Learner(a_course_of(VIDEO)).client.post(START, body)
    assert (answer.status_code, error_of(answer)["attr"]) == (400, attr)


def test_a_module_of_another_course_is_refused(clock):
    person, other = Learner(a_course_of(VIDEO)), a_course_of(VIDEO)
    answer = person.start(module_id=other.modules.first().pk)
    assert (answer.status_code, error_of(answer)["attr"]) == (400, "module_id")


# --- Credentials ---------------------------------------------------------------------------------
def test_without_credentials_401(learner):
    for path in (START, UPDATE, END):
        assert APIClient().post(path, {}).status_code == 401
    for token in ("Session nonsense", "Token nonsense", "Session "):
        assert APIClient().post(UPDATE, {}, HTTP_AUTHORIZATION=token).status_code == 401


def test_a_beacon_carries_its_token_in_a_text_body(learner, video):
    body = {
        "session_token": learner.started["session_token"],
        "events": [beat(video, 3, 3)],
        "sent_at": NOON.isoformat(),
    }
    answer = APIClient().post(UPDATE, json.dumps(body), content_type="text/plain")
    assert answer.status_code == 200
    assert answer.json()["events"][0]["status"] == "accepted"


def test_a_session_token_reports_to_its_session_only(learner, video):
    other = Learner(learner.course)
    other.start()
    body = {"session_id": other.started["session_id"]} | beat(video, 3, 3)
    assert learner.post(UPDATE, body).status_code == 404
    assert learner.post(END, {"session_id": other.started["session_id"]}).status_code == 404
    assert learner.post(START, {"course_id": learner.course.pk}).status_code == 404


def test_a_session_token_is_valid_for_a_week(learner, video, clock):
    clock.shift(timedelta(days=7, seconds=5))
    assert learner.update(beat(video, 3, 3)).status_code == 401


def test_a_session_token_reads_its_learners_progress_in_its_course_only(learner):
    def read(user, course):
        return APIClient().get(
            f"/api/employee/realtime_progress/{user.pk}/{course.pk}",
            HTTP_AUTHORIZATION=f"Session {learner.started['session_token']}",
        )

    assert read(learner.user, learner.course).status_code == 200
    other = a_course_of(VIDEO)
    enrolled(learner.user, other)
    assert read(learner.user, other).status_code == 404
    assert read(a_learner(learner.course), learner.course).status_code == 404


def test_a_service_account_acts_within_its_permissions(clock):
    course = a_course_of(VIDEO)
    person, target = a_learner(course), content(course, "c1")

    def client(*permissions):
        account = an_integrator(*permissions)
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(account)[1]}")
        return api

    start = {"course_id": course.pk, "user_id": person.pk}
    assert client().post(START, start).status_code == 404
    writer = client("add_learningsession", "change_learningsession")
    session = writer.post(START, start).json()["session_id"]
    update = {"session_id": session, "user_id": person.pk} | beat(target, 3, 3)
    assert writer.post(UPDATE, update).status_code == 200
    assert writer.post(UPDATE, update | {"user_id": person.pk + 1}).status_code == 404
    assert client().post(UPDATE, update).status_code == 404
    read = f"/api/employee/realtime_progress/{person.pk}/{course.pk}"
    assert writer.get(read).status_code == 404
    assert client("view_courseprogress").get(read).status_code == 200


def test_an_instructor_reads_learners_of_own_courses(learner):
    read = f"/api/employee/realtime_progress/{learner.user.pk}/{learner.course.pk}"
    client = APIClient()
    client.force_login(an_instructor(learner.course))
    assert client.get(read).status_code == 200
    client.force_login(an_instructor(a_course_of(VIDEO)))
    assert client.get(read).status_code == 404


def test_ids_of_others_and_unknown_ids_look_the_same(learner):
    other = a_learner(learner.course)
    foreign = learner.client.get(f"/api/employee/realtime_progress/{other.pk}/{learner.course.pk}")
    unknown = learner.client.get("/api/employee/realtime_progress/999999/999999")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


def test_deactivated_and_unenrolled_learners_stop_at_once(learner, video):
    learner.user.is_active = False
    learner.user.save()
    assert learner.update(beat(video, 3, 3)).status_code == 401
    learner.user.is_active = True
    learner.user.save()
    enrollment = learner.user.enrollments.get()
    enrollment.unenrolled_at = NOON
    enrollment.save()
    answer = learner.update(beat(video, 3, 3))
    assert (answer.status_code, error_of(answer)["code"]) == (403, "not_enrolled")


# --- end_session ---------------------------------------------------------------------------------
def test_ending_a_session_again_gives_the_same_answer(learner, video, clock):
    clock.shift(20)
    body = {"events": [beat(video, 15)]}
    first = learner.post(END, body).json()
    assert first["events"][0]["status"] == "accepted"
    assert (first["end_reason"], first["duration_seconds"]) == ("ended", 20)
    assert (first["active_seconds"], first["videos_watched"]) == (15, 1)
    clock.shift(600)
    again = learner.post(END, {}).json()
    assert {name: first[name] for name in again} == again


def test_activity_after_an_explicit_end_is_409(learner, video, clock):
    learner.post(END, {})
    clock.shift(15)
    answer = learner.update(beat(video, 15))
    assert (answer.status_code, error_of(answer)["code"]) == (409, "session_ended")


# --- Reading -------------------------------------------------------------------------------------
def test_progress_says_why_it_is_not_100_percent(learner, video, clock):
    clock.shift(60)
    learner.update({"events": [{**beat(video, 0, 0), "segments": [[0, 20], [40, 50]]}]})
    body = learner.course_payload()
    [remaining] = body["remaining"]
    assert remaining["reason"] == "in_progress"
    assert remaining["missing"] == [[20, 40], [50, 60]]
    assert (remaining["completion_percentage"], remaining["needed_percentage"]) == (50, 90)
    detail = learner.client.get(
        f"/api/employee/content_progress/{learner.user.pk}/{video.pk}"
    ).json()
    assert detail["covered"] == [[0, 20], [40, 50]]
    assert detail["missing"] == [[20, 40], [50, 60]]
    assert (detail["extent"], detail["extent_unit"]) == (60, "seconds")
    assert detail["completion_source"] == "measured"


def test_an_unchanged_answer_is_304(learner, video, clock):
    path = f"/api/employee/realtime_progress/{learner.user.pk}/{learner.course.pk}"
    first = learner.client.get(path)
    assert first["ETag"].startswith('W/"')
    assert first["Cache-Control"] == "no-store"
    clock.shift(5)
    again = learner.client.get(path, HTTP_IF_NONE_MATCH=f'"other", {first["ETag"]}')
    assert (again.status_code, again.content) == (304, b"")
    learner.update(beat(video, 5, 5))
    assert learner.client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_a_get_writes_nothing(learner, django_assert_max_num_queries):
    path = f"/api/employee/realtime_progress/{learner.user.pk}/{learner.course.pk}"
    before = list(LearningSession.objects.values())
    with django_assert_max_num_queries(6) as queries:
        learner.client.get(path)
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert list(LearningSession.objects.values()) == before


def test_resume_continues_and_starts_over_after_the_end(learner, video, clock):
    clock.shift(40)
    learner.update({"content_id": video.pk, "interaction_type": "pause", "position": 31.25})
    assert learner.course_payload()["resume"]["position"] == 31.25
    learner.update({"content_id": video.pk, "interaction_type": "pause", "position": 58})
    again = learner.start().json()
    assert again["resume"]["content_id"] == video.pk
    assert again["resume"]["position"] == 0
    assert learner.course_payload()["modules"][0]["contents"][0]["last_position"] == 58


def test_right_and_wrong_show_after_submission_and_the_key_after_a_pass(clock):
    person = Learner(a_course())
    person.start()
    quiz = content(person.course, "quiz")
    path = f"/api/employee/content_progress/{person.user.pk}/{quiz.pk}"

    def attempt(right):
        for question in quiz.questions.all():
            chosen = [c.pk for c in question.choices.all() if c.is_correct == right]
            person.update(
                {
                    "content_id": quiz.pk,
                    "interaction_type": "answer",
                    "question_id": question.pk,
                    "answer": chosen,
                }
            )
        before = person.client.get(path).json()["quiz"]["attempts"][-1]["answers"]
        clock.shift(5)
        person.update({"content_id": quiz.pk, "interaction_type": "submit"})
        clock.shift(5)
        return before, person.client.get(path).json()["quiz"]["attempts"][-1]["answers"]

    before, after = attempt(right=False)
    assert all("is_correct" not in answer for answer in before)
    assert all(answer["is_correct"] is False and "correct" not in answer for answer in after)
    _, after = attempt(right=True)
    assert all(answer["is_correct"] and answer["correct"] for answer in after)
