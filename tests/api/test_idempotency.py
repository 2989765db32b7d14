"""`Idempotency-Key`: a POST that is sent again is not done again."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from progress.models import Enrollment, KeptAnswer, LearningSession, User
from progress.operations.retention import prune
from tests.factories import a_course, a_document, a_learner, a_user, an_integrator, content
from tests.support.races import at_once

pytestmark = pytest.mark.django_db
LEARNERS = "/api/learners/"


def with_key_of(user) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
    return client


@pytest.fixture
def people() -> APIClient:
    return with_key_of(an_integrator("add_user", "change_user", "view_user"))


def post(client, data, key: str = "k-1", address: str = LEARNERS, **options):
    return client.post(address, data, headers={"Idempotency-Key": key}, **options)


def code(answer) -> str:
    return answer.json()["errors"][0]["code"]


def test_the_same_request_again_gets_the_first_answer_and_does_nothing(people):
    first = post(people, {"username": "lena"})
    again = post(people, {"username": "lena"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first and again["Idempotent-Replayed"] == "true"
    assert again["Content-Type"] == first["Content-Type"]
    assert User.objects.filter(username="lena").count() == 1


def test_without_a_key_it_is_done_again(people):
    assert people.post(LEARNERS, {"username": "lena"}).status_code == 201
    assert people.post(LEARNERS, {"username": "lena"}).status_code == 400
    assert not KeptAnswer.objects.exists()


def test_another_body_or_address_under_the_key_is_refused(people):
    post(people, {"username": "lena"})
    for answer in (
        post(people, {"username": "omar"}),
        post(people, {"username": "lena"}, address="/api/courses/"),
        post(people, {"username": "lena"}, address=f"{LEARNERS}?format=json"),
    ):
        assert (answer.status_code, code(answer)) == (422, "idempotency_key_reused")
        assert answer.json()["errors"][0]["attr"] == "Idempotency-Key"
    assert not User.objects.filter(username="omar").exists()


def test_a_refusal_is_repeated_as_well(people):
    first = post(people, {"username": "no spaces allowed"})
    assert first.status_code == 400
    assert post(people, {"username": "no spaces allowed"}).content == first.content
    assert post(people, {"username": "lena"}).status_code == 422


def test_what_came_too_soon_is_done_when_it_comes_again(people, settings):
    settings.API_RATE_PER_MINUTE = 1
    assert post(people, {"username": "lena"}).status_code == 201
    early = post(people, {"username": "omar"}, "k-2")
    assert (early.status_code, code(early)) == (429, "throttled")
    assert int(early["Retry-After"]) > 0
    settings.API_RATE_PER_MINUTE = 1_000_000
    later = post(people, {"username": "omar"}, "k-2")
    assert (later.status_code, "Idempotent-Replayed" in later) == (201, False)
    assert User.objects.filter(username="omar").count() == 1


def test_each_caller_has_keys_of_their_own(people):
    other = with_key_of(an_integrator("add_user"))
    assert post(people, {"username": "lena"}).status_code == 201
    assert post(other, {"username": "omar"}).status_code == 201


def test_whoever_is_not_signed_in_gets_nothing_of_it(people):
    post(people, {"username": "lena"})
    assert post(APIClient(), {"username": "lena"}).status_code == 401
    AuthToken.objects.all().delete()
    assert post(people, {"username": "lena"}).status_code == 401


def test_a_copy_of_the_database_gives_away_no_kept_answer(people):
    post(people, {"username": "lena", "full_name": "Lena Berg"})
    [kept] = KeptAnswer.objects.all()
    assert b"lena" not in bytes(kept.body).lower()


def test_what_was_done_is_not_done_again_when_its_answer_cannot_be_read(people):
    post(people, {"username": "lena"})
    KeptAnswer.objects.update(body=b'{"username": "lena"}')
    answer = post(people, {"username": "lena"})
    assert (answer.status_code, code(answer)) == (409, "answer_unreadable")
    assert User.objects.filter(username="lena").count() == 1


@pytest.mark.parametrize("key", ["", "with blank", "x" * 256, "é"])
def test_an_odd_key_is_refused_by_name(key, people):
    answer = post(people, {"username": "lena"}, key)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "Idempotency-Key"
    assert not User.objects.filter(username="lena").exists()


def test_after_a_day_the_key_is_free_again(people):
    post(people, {"username": "lena"})
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert post(people, {"username": "lena"}).status_code == 201
    assert prune(timezone.now()) == 0
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert post(people, {"username": "lena"}).status_code == 400
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    prune(timezone.now())
    assert not KeptAnswer.objects.exists()


def test_a_server_error_is_not_kept_and_undoes_what_was_written(people, monkeypatch):
    from progress.api import learners

    create = learners.LearnerSerializer.create

    def breaks(self, data):
        create(self, data)
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(learners.LearnerSerializer, "create", breaks)
    people.raise_request_exception = False
    people.handler.raise_request_exception = False
    assert post(people, {"username": "lena"}).status_code == 500
    assert not User.objects.filter(username="lena").exists()
    monkeypatch.undo()
    assert post(people, {"username": "lena"}).status_code == 201


def test_a_file_sent_again_is_the_same_request():
    boss = with_key_of(a_user(is_staff=True, is_superuser=True))

    def send(text: str):
        file = SimpleUploadedFile("people.csv", text.encode())
        return post(boss, {"file": file}, address="/api/imports/people/", format="multipart")

    first = send("username\nlena\n")
    assert (first.status_code, first.json()["new"]) == (200, 1)
    assert send("username\nlena\n").json()["new"] == 1
    assert send("username\nomar\n").status_code == 422
    plain = boss.post(
        "/api/imports/people/",
        "username\nlena\n",
        content_type="text/csv",
        headers={"Idempotency-Key": "k-2"},
    )
    assert (plain.status_code, plain.json()["unchanged"]) == (200, 1)


def test_every_family_of_posts_takes_a_key():
    boss = with_key_of(a_user(is_staff=True, is_superuser=True))
    learner, course = a_user(), a_course()
    posts = [
        ("/api/courses/", a_document()),
        ("/api/enrollments/", {"user_id": learner.pk, "course_id": course.pk}),
        ("/api/analytics/hourly-rates/", {"department": "IT", "amount": 40}),
        (
            "/api/analytics/letter-templates/",
            {"name": "Hello", "kind": "", "subject": "Hello", "body": "Hello {name}"},
        ),
    ]
    for number, (address, data) in enumerate(posts):
        first, again = (post(boss, data, f"k-{number}", address) for _ in range(2))
        assert first.status_code == 201, first.content
        assert (again.status_code, again.content) == (201, first.content)


def test_a_session_is_started_once_and_reported_to_once():
    course = a_course()
    learner = a_learner(course)
    own = with_key_of(learner)
    data = {"course_id": course.pk}
    first, again = (post(own, data, "k-s", "/api/employee/start_session") for _ in range(2))
    assert first.json()["session_id"] == again.json()["session_id"]
    assert LearningSession.objects.count() == 1
    tracker = APIClient()
    event = {
        "session_id": first.json()["session_id"],
        "session_token": first.json()["session_token"],
        "content_id": content(course, "video").pk,
        "interaction_type": "view",
    }
    sent = [post(tracker, event, "k-e", "/api/employee/update_progress") for _ in range(2)]
    assert [each.status_code for each in sent] == [200, 200]
    assert sent[1]["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_being_worked_on_the_second_is_refused():
    people = with_key_of(an_integrator("add_user"))
    token = AuthToken.objects.get()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(478, hashtext(%s))", [f"key {token.digest[:64]} k-1"]
        )

        def second():
            answer = post(people, {"username": "lena"})
            return answer.status_code, code(answer), answer["Retry-After"]

        assert at_once([second]) == [(409, "idempotency_conflict", "1")]
    assert post(people, {"username": "lena"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_at_once_create_one():
    boss = a_user(is_staff=True, is_superuser=True)
    key = AuthToken.objects.create(boss)[1]
    learner, course = a_user(), a_course()
    data = {"user_id": learner.pk, "course_id": course.pk, "new_cycle": True}

    def send():
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        return post(client, data, "k-many", "/api/enrollments/").status_code

    statuses = at_once([send] * 5)
    assert set(statuses) <= {201, 409} and 201 in statuses
    assert Enrollment.objects.count() == 1
