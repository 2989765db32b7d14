"""No log line contains a name, address, password, key or token, wherever it came from."""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.db import connection
from knox.models import AuthToken

from lms_progress.celery import app
from progress.live.topics import stream_url
from progress.security import tokens
from tests.factories import a_course, a_learner, a_session, a_user

NAME = "Marlene Geheimrat"
USERNAME = "mgeheimrat"
EMAIL = "marlene.geheimrat@privat.example"
PASSWORD = "Passwort-Geheimrat-77"
MARKS = {NAME, "Geheimrat", "geheimrat", USERNAME, EMAIL, PASSWORD}


class Doors:
    """Knocks at every door with marked values; statuses are noted, bodies are let be."""

    def __init__(self, url: str):
        self.url = url
        self.statuses: list[int] = []

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, sent)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.statuses.append(answer.status)
        except urllib.error.HTTPError as error:
            self.statuses.append(error.code)

    def ask_json(self, path: str, body: dict, **headers: str) -> None:
        self.ask(path, json.dumps(body).encode(), content_type="application/json", **headers)


@pytest.fixture
def person(transactional_db):
    return a_learner(a_course(), username=USERNAME, email=EMAIL, full_name=NAME, password=PASSWORD)


def knock_everywhere(doors: Doors, person) -> set[str]:
    """Ask anonymously, wrongly, refused and accepted; returns the secrets that were handed out."""
    course = person.enrollments.get().course
    key = AuthToken.objects.create(a_user(is_superuser=True))[1]
    session = a_session(course, person)
    token = tokens.issue_session_token(
        tokens.SessionClaims(session.pk, person.pk, course.pk, session.enrollment_id)
    )
    stream = stream_url(person.pk, course.pk, reader_id=person.pk)
    said = urllib.parse.urlencode({"q": EMAIL, "name": NAME, "token": token, "email": EMAIL})
    typed = urllib.parse.quote(EMAIL)
    for path in (
        "/",
        "/verify/",
        "/login/",
        "/admin/progress/user/",
        "/api/learners/",
        "/api/courses/",
        "/api/no-such-door/",
        "/api/certificates/verify/",
        "/api/employee/realtime_progress/1/1",
        "/realtime_progress_demo.html",
    ):
        doors.ask(f"{path}?{said}")
        doors.ask(f"{path}?{said}", Authorization=f"Token {key}")
        doors.ask(f"{path}?{said}", Authorization=f"Token {PASSWORD}")
        doors.ask(f"{path}?{said}", Authorization=f"Session {token[:-3]}xxx")
        doors.ask(f"{path}?{said}&x=%00{typed}")
    for place in ("", "/api/learners", "/verify", "/courses", "/certificates"):
        path = f"{place}/{typed}/"
        doors.ask(path, X_Request_ID=EMAIL, User_Agent=NAME, Referer=f"https://x/?{said}")
        doors.ask(path, Host=f"{USERNAME}.example", Cookie=f"sessionid={PASSWORD}")
    basic = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    doors.ask("/api/learners/", Authorization=f"Basic {basic}")
    wrong = stream.replace(f"/{course.pk}?", f"/{course.pk + 1}?")
    for path in (wrong, f"{stream[:-4]}wxyz", f"/api/employee/stream/1/1?token={typed}"):
        doors.ask(path)
    form = urllib.parse.urlencode({"username": USERNAME, "password": PASSWORD}).encode()
    for path in ("/login/", f"/admin/login/?next={typed}", "/language/"):
        doors.ask(path, form)
    for body in (
        {"username": USERNAME, "email": "not one", "full_name": NAME, "time_zone": EMAIL},
        {"username": USERNAME, "email": EMAIL, "full_name": NAME, PASSWORD: 1},
        {"username": "\0" + NAME, "department": NAME * 90, "external_id": EMAIL},
    ):
        doors.ask_json("/api/learners/", body, Authorization=f"Token {key}")
    for event in ({"content_id": NAME}, {"interaction_type": EMAIL}, {"session_id": token}):
        doors.ask_json("/api/employee/update_progress", {"session_token": token} | event)
        doors.ask_json("/api/employee/update_progress", event, Authorization=f"Session {token}")
    rows = f"username,email,full_name\n{USERNAME},{EMAIL},{NAME}\n{NAME},{NAME},{EMAIL}\n"
    doors.ask(
        "/api/imports/people/",
        rows.encode(),
        content_type="text/csv",
        Authorization=f"Token {key}",
    )
    return {key, token, stream.split("token=")[1], basic}


def break_down(doors: Doors, key: str) -> None:
    """Server errors whose statements and values hold what was sent."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE progress_user RENAME COLUMN full_name TO full_name_away")
    try:
        doors.ask(f"/verify/{urllib.parse.quote(EMAIL)}/")
        for path in ("/api/learners/", "/admin/progress/user/"):
            doors.ask(f"{path}?email={EMAIL}", Authorization=f"Token {key}")
        form = urllib.parse.urlencode({"username": USERNAME, "password": PASSWORD}).encode()
        doors.ask("/login/", form)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE progress_user RENAME COLUMN full_name_away TO full_name")


def test_no_log_line_of_the_server_or_a_worker_holds_what_people_sent(own_site, own_worker, person):
    own_site.environment["LOG_LEVEL"] = own_worker.environment["LOG_LEVEL"] = "INFO"
    own_site.start()
    own_worker.start()
    doors = Doors(own_site.url)
    secrets = knock_everywhere(doors, person)
    assert {200, 400, 401, 403, 404} <= set(doors.statuses)
    break_down(doors, next(iter(secrets)))
    assert any(status >= 500 for status in doors.statuses)
    app.send_task("certificates.tasks.render_certificate", [EMAIL])
    app.send_task("progress.tasks.no_such_task", [NAME], {"password": PASSWORD})
    app.send_task("progress.tasks.refold_course", [f"{NAME} {next(iter(secrets))}"])
    deadline = time.monotonic() + 30
    while b"certificates.tasks.render_certificate" not in own_worker.log.read_bytes():
        assert time.monotonic() < deadline, own_worker.log.read_text()
        time.sleep(0.1)
    own_worker.stop()
    lines = (own_site.log.read_text() + own_worker.log.read_text()).splitlines()
    assert any(" 404 " in line or "code=404" in line for line in lines)
    assert any("Traceback" in line for line in lines)
    found = [line for line in lines if any(mark in line for mark in MARKS | secrets)]
    assert not found, "\n".join(found)


def test_a_lockout_is_logged_without_the_name(client, person, caplog, settings):
    settings.AXES_ENABLED = True
    with caplog.at_level("DEBUG", "lms_progress"):
        for _ in range(12):
            client.post("/login/", {"username": USERNAME, "password": PASSWORD + "x"})
    assert "a sign-in is locked out" in caplog.text
    assert not [mark for mark in MARKS if mark in caplog.text]
