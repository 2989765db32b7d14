"""Importing in the admin and through the API."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from progress.admin import importing
from progress.models import OutboxMessage, User
from tests.factories import a_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/import/"
API = "/api/imports/"
GOOD = "username,full_name,email\nlena,Lena,lena@example.org\n"
BAD = GOOD + "omar,Omar,nobody\n"


@pytest.fixture
def clerk():
    person = a_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="add_user"))
    return person


@pytest.fixture
def window(clerk):
    client = Client()
    client.force_login(clerk)
    return client


@pytest.fixture
def api(clerk):
    client = APIClient()
    client.force_authenticate(clerk)
    return client


def look(window, text: str) -> str:
    file = SimpleUploadedFile("people.csv", text.encode())
    return window.post(f"{PAGE}people/", {"step": "look", "file": file}).content.decode()


def test_a_file_is_shown_then_written_and_the_same_again_changes_nothing(window, settings):
    settings.PUBLIC_URL = "https://learn.example.org"
    text = look(window, GOOD)
    assert "Nothing has been imported yet" in text and "Import everything" in text
    assert not User.objects.filter(username="lena").exists()
    sent = {"step": "write", "content": GOOD.replace("\n", "\r\n"), "invites": "on"}
    assert "The whole file was imported." in window.post(f"{PAGE}people/", sent).content.decode()
    assert User.objects.get(username="lena").full_name == "Lena"
    assert OutboxMessage.objects.count() == 1
    again = window.post(f"{PAGE}people/", sent).content.decode()
    assert "Everything was already there" in again and OutboxMessage.objects.count() == 1
    assert "it would change nothing" in look(window, GOOD)
    settings.PUBLIC_URL = ""
    refused = window.post(f"{PAGE}people/", sent).content.decode()
    assert "links need the setting PUBLIC_URL" in refused


def test_wrong_cells_are_shown_and_their_rows_given_back(window):
    text = look(window, BAD.replace("Omar", "<b>Omar"))
    assert "1 row has errors" in text and "an address such as" in text and "<b>Omar" not in text
    assert "Import only the 1 valid row" in text
    back = window.post(f"{PAGE}people/", {"step": "back", "content": BAD})
    assert b"omar,Omar,nobody,email" in back.content and b"\nlena" not in back.content
    window.post(f"{PAGE}people/", {"step": "write", "content": BAD})
    assert not User.objects.filter(username="lena").exists()
    window.post(f"{PAGE}people/", {"step": "write", "content": BAD, "is_partial": "on"})
    assert User.objects.filter(username="lena").exists()
    assert not User.objects.filter(username="omar").exists()


def test_files_that_are_no_csv_or_too_large_are_refused_with_a_message(window, monkeypatch):
    file = SimpleUploadedFile("x.csv", b"\xff\xfe\x00")
    text = window.post(f"{PAGE}people/", {"step": "look", "file": file}).content.decode()
    assert "is not UTF-8" in text
    monkeypatch.setattr(importing, "MAX_BYTES", 10)
    assert "At most 4 MB" in look(window, GOOD)
    assert window.post(f"{PAGE}people/", {"step": "write"}).status_code == 200


def test_users_without_the_permission_are_refused(window, api):
    assert "People" in window.get(PAGE).content.decode()
    assert window.get(f"{PAGE}courses/").status_code == 403
    assert window.get(f"{PAGE}unknown/").status_code == 404
    assert api.post(f"{API}courses/", GOOD, content_type="text/csv").status_code == 403
    assert api.post(f"{API}unknown/", GOOD, content_type="text/csv").status_code == 404
    other = Client()
    other.force_login(a_user(is_staff=True))
    assert other.get(PAGE).status_code == 403
    assert Client().post(f"{API}people/", GOOD, content_type="text/csv").status_code == 401


def test_a_new_link_can_be_mailed(client, settings):
    settings.PUBLIC_URL = "https://learn.example.org"
    client.force_login(a_user(is_staff=True, is_superuser=True))
    lena = a_user(username="lena", email="lena@example.org")
    has_password = a_user(email="omar@example.org", password="doors-open-9")
    chosen = [lena.pk, has_password.pk, a_user().pk]
    for _each in range(2):
        sent = {"action": "invite", "_selected_action": chosen}
        client.post("/admin/progress/user/", sent)
    assert [m.payload for m in OutboxMessage.objects.all()] == [{"user_id": lena.pk}] * 2


def test_no_link_is_mailed_for_an_account_with_more_permissions(client, settings):
    settings.PUBLIC_URL = "https://learn.example.org"
    clerk = a_user(is_staff=True)
    codes = ["view_user", "change_user"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(clerk)
    boss = a_user(is_superuser=True, email="boss@example.org")
    lena = a_user(email="lena@example.org")
    sent = {"action": "invite", "_selected_action": [boss.pk, lena.pk]}
    client.post("/admin/progress/user/", sent)
    assert [m.payload for m in OutboxMessage.objects.all()] == [{"user_id": lena.pk}]


def test_an_empty_file_with_all_columns(window):
    answer = window.get(f"{PAGE}people/?empty")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.strip().split(",")[:3] == ["username", "full_name", "email"]


def test_the_api_checks_refuses_and_writes(api):
    def post(text, query=""):
        return api.post(f"{API}people/{query}", text, content_type="text/csv")

    seen = post(BAD, "?dry_run=true").json()
    assert (seen["new"], seen["is_written"]) == (1, False)
    assert seen["problems"][0] | {"wanted": ""} == {
        "row": 3,
        "column": "email",
        "value": "nobody",
        "wanted": "",
    }
    refused = post(BAD)
    assert refused.status_code == 400
    assert [error["attr"] for error in refused.json()["errors"]] == ["rows.3.email"]
    assert not User.objects.filter(username="lena").exists()
    assert post(BAD, "?partial=true").json()["is_written"] is True
    file = SimpleUploadedFile("people.csv", GOOD.encode())
    assert api.post(f"{API}people/", {"file": file}, format="multipart").json()["unchanged"] == 1
    assert post(b"\xff").json()["errors"][0]["attr"] == "file"
    assert api.post(f"{API}people/", {}, format="multipart").json()["errors"][0]["attr"] == "file"
