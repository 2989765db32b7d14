"""A person asks for a copy of everything, fetches it, and nobody else can."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certificates.tasks import issue_missing, render_missing, seal_missing
from progress.ingest import erasing
from progress.mail import outgoing
from progress.models import (
    ContentInteraction,
    Note,
    OutgoingMail,
    OwnDataCopy,
    QuizAnswer,
    SignIn,
    StudyReminder,
    User,
)
from progress.own_data import archive, copies, parts
from tests.factories import a_course_of, a_user, content
from tests.support.admin import VIDEO
from tests.support.callers import window
from tests.support.learners import A_QUIZ, complete, fail, learn, pass_quiz, someone
from tests.support.outside import elsewhere

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    """Copies are written where this test looks, as on a site that sends mail."""
    settings.PUBLIC_URL = "https://learn.example.org"
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    uploads = kept | {"OPTIONS": {"location": tmp_path / "uploads", "base_url": None}}
    settings.STORAGES = settings.STORAGES | {"uploads": uploads}


@pytest.fixture
def course():
    return a_course_of(VIDEO, A_QUIZ)


@pytest.fixture
def lena(course) -> User:
    """A learner with rows of many kinds, a certificate among them."""
    lena = someone(course, full_name="Lena Fischer", email="lena@example.org", username="lena")
    learn(course, lena, ago=3 * DAY)
    fail(course, lena, "c2", times=1, ago=2 * DAY)
    pass_quiz(course, lena, "c2", ago=DAY)
    Note.objects.create(user=lena, content=content(course, "c1"), text="=Ask about doors")
    StudyReminder.objects.create(user=lena, hour=8, weekdays=1)
    elsewhere(course, lena)
    return lena


def kept_files(tmp_path) -> list:
    return [each for each in (tmp_path / "uploads").rglob("*") if each.is_file()]


def asked(client) -> zipfile.ZipFile:
    client.post("/account/data/")
    answer = client.get(f"/account/data/{OwnDataCopy.objects.get().pk}/")
    assert (
        answer["Content-Type"] == "application/zip"
        and "attachment" in answer["Content-Disposition"]
    )
    assert "no-store" in answer["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows(made: zipfile.ZipFile, name: str) -> list[dict]:
    return json.loads(made.read(f"json/{name}.json"))


def table(made: zipfile.ZipFile, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(made.read(f"csv/{name}.csv").decode("utf-8-sig"))))


# --- What is in it -------------------------------------------------------------------------------
def test_the_copy_has_every_row_of_the_person_and_none_of_another(lena, course):
    other = someone(course, full_name="Omar Zweifel", username="omar")
    learn(course, other, ago=DAY)
    Note.objects.create(user=other, content=content(course, "c1"), text="Not Lena's")
    client = window(lena)
    made = asked(client)
    assert len(rows(made, "events")) == ContentInteraction.objects.filter(user=lena).count() == 5
    assert len(rows(made, "quiz-answers")) == QuizAnswer.objects.filter(user=lena).count() > 1
    assert [each["username"] for each in rows(made, "account")] == ["lena"]
    assert [each["text"] for each in rows(made, "notes")] == ["=Ask about doors"]
    assert [each["hour"] for each in rows(made, "reminders")] == [8]
    assert len(rows(made, "outside-completions")) == 1
    assert len(rows(made, "sign-ins")) == SignIn.objects.filter(user=lena).count() == 1
    everything = "".join(made.read(name).decode("utf-8", "replace") for name in made.namelist())
    assert "Zweifel" not in everything and "Not Lena's" not in everything
    assert lena.password not in everything or not lena.password
    assert client.session.session_key not in everything


def test_each_file_has_the_shape_that_the_schema_describes(lena):
    made = asked(window(lena))
    described = json.loads(made.read("json/schema.json"))["$defs"]
    assert {f"json/{name}.json" for name in described} < set(made.namelist())
    filled = 0
    for name, shape in described.items():
        jsonschema.validate(rows(made, name), shape)
        filled += bool(rows(made, name))
    assert filled > 10
    why = {each["what"]: each["why"] for each in json.loads(made.read("left-out.json"))}
    assert why["account.password"] and why["progress.RowChange"]


def test_tables_have_titles_instead_of_numbers(lena):
    made = asked(window(lena))
    assert {each["Course"] for each in table(made, "sessions")} == {"Fire safety"}
    assert {each["Content"] for each in table(made, "progress")} == {"Fire doors", "What to do"}
    answers = table(made, "answers")
    assert {each["Attempt"] for each in answers} == {"1", "2"}
    assert all(each["Question"] and each["Answer"] for each in answers)
    # Spreadsheets would take it for a formula.
    assert [each["Note"] for each in table(made, "notes")] == ["'=Ask about doors"]
    assert "Everything that is kept about Lena Fischer" in made.read("README.txt").decode()


def test_the_readme_and_the_tables_are_in_the_persons_language(lena):
    User.objects.filter(pk=lena.pk).update(language="de")
    made = asked(window(lena))
    assert "Alles, was über Lena Fischer gespeichert ist" in made.read("README.txt").decode()
    assert "Frage" in table(made, "answers")[0]


def test_certificates_and_their_evidence_are_among_the_files(lena, course):
    complete(course, lena, timezone.now())
    for job in (issue_missing, render_missing, seal_missing):
        job()
    made = asked(window(lena))
    [number] = [each["number"] for each in rows(made, "certificates")]
    files = {name.removeprefix(f"files/{number}-") for name in made.namelist() if "files/" in name}
    assert files == {"1.pdf", "1.png", "1-badge.json", "evidence.zip"}
    assert made.read(f"files/{number}-1.pdf").startswith(b"%PDF")


# --- Who can fetch it, and how long --------------------------------------------------------------
def test_nobody_else_reaches_it(lena, client):
    window(lena).post("/account/data/")
    address = f"/account/data/{OwnDataCopy.objects.get().pk}/"
    boss = a_user(is_staff=True, is_superuser=True)
    assert window(boss).get(address).status_code == 404
    assert window(a_user()).get(address).status_code == 404
    assert client.get(address).status_code == 302
    assert client.post("/account/data/").status_code == 302
    assert window(lena).get("/account/data/").status_code == 405
    assert window(lena).get(address).status_code == 200


def test_it_is_gone_after_some_days_with_its_file(lena, tmp_path, settings):
    settings.OWN_DATA_DAYS = 3
    window(lena).post("/account/data/")
    copy = OwnDataCopy.objects.get()
    assert len(kept_files(tmp_path)) == 1
    # Nobody finds it by counting.
    assert len(Path(copy.stored_as).stem) >= 20
    with time_machine.travel(timezone.now() + 2 * DAY):
        copies.delete_own_data()
        assert window(lena).get(f"/account/data/{copy.pk}/").status_code == 200
    with time_machine.travel(timezone.now() + 3 * DAY + timedelta(minutes=1)):
        client = window(lena)
        assert client.get(f"/account/data/{copy.pk}/").status_code == 404
        copies.delete_own_data()
    assert kept_files(tmp_path) == [] and not OwnDataCopy.objects.exists()


def test_a_new_copy_takes_the_place_of_the_one_before(lena, tmp_path):
    now = timezone.now()
    first = copies.ask(lena, now)
    assert copies.ask(lena, now + copies.PAUSE - timedelta(seconds=1)) == first
    second = copies.ask(lena, now + copies.PAUSE)
    assert list(OwnDataCopy.objects.all()) == [second] and second != first
    assert len(kept_files(tmp_path)) == 1


def test_erasing_a_test_learner_takes_the_file_too(tmp_path):
    trial = a_user(is_test=True)
    copies.ask(trial, timezone.now())
    now = timezone.now()
    erasing.begin(erasing.request_all(None, now), now)
    assert kept_files(tmp_path) == [] and not OwnDataCopy.objects.exists()


# --- Large records -------------------------------------------------------------------------------
def test_a_large_record_is_left_to_a_job_which_writes_to_the_person(
    lena, monkeypatch, mailoutbox, tmp_path
):
    monkeypatch.setattr(copies, "AT_ONCE", 1)
    client = window(lena)
    page = client.post("/account/data/", follow=True).content.decode()
    assert "Your copy is being made." in page and "Make a new copy" not in page
    copy = OwnDataCopy.objects.get()
    assert copy.finished_at is None and kept_files(tmp_path) == []
    assert client.get(f"/account/data/{copy.pk}/").status_code == 404
    client.post("/account/data/")
    copies.make_own_data()
    outgoing.send_due(timezone.now())
    assert OwnDataCopy.objects.get().finished_at and len(kept_files(tmp_path)) == 1
    [mail] = mailoutbox
    assert mail.to == ["lena@example.org"] and "https://learn.example.org/account/" in mail.body
    assert f"/account/data/{copy.pk}/" in client.get("/account/").content.decode()
    copies.make_own_data()
    assert OutgoingMail.objects.filter(kind=copies.KIND).count() == 1


def test_what_cannot_be_written_leaves_no_file(lena, monkeypatch, tmp_path):
    def breaks(*_):
        raise RuntimeError

    monkeypatch.setattr(parts, "files_of", breaks)
    with pytest.raises(RuntimeError):
        copies.ask(lena, timezone.now())
    assert kept_files(tmp_path) == [] and not OwnDataCopy.objects.exists()


def test_slices_of_any_size_have_every_row(lena, monkeypatch):
    monkeypatch.setattr(archive, "CHUNK", 2)
    made = asked(window(lena))
    assert len(rows(made, "events")) == ContentInteraction.objects.filter(user=lena).count()


def test_the_database_keeps_one_under_way_and_no_finished_one_without_a_file(lena):
    now = timezone.now()
    OwnDataCopy.objects.create(user=lena, requested_at=now)
    for fields in ({}, {"finished_at": now, "expires_at": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OwnDataCopy.objects.create(user=lena, requested_at=now, **fields)


# --- By post -------------------------------------------------------------------------------------
def test_operators_write_it_for_who_cannot_sign_in(lena, tmp_path):
    User.objects.filter(pk=lena.pk).update(is_active=False)
    file = tmp_path / "lena.zip"
    call_command("own_data", "LENA", str(file))
    with zipfile.ZipFile(file) as made:
        assert [each["id"] for each in rows(made, "account")] == [lena.pk]
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="is there already"):
        call_command("own_data", str(lena.pk), str(file))
    with pytest.raises(CommandError, match="names 0 accounts"):
        call_command("own_data", "nobody", str(tmp_path / "x.zip"))


def test_a_copy_takes_the_same_statements_for_fifty_notes_as_for_one(lena, course):
    with CaptureQueriesContext(connection) as one:
        archive.write(io.BytesIO(), lena, timezone.now())
    Note.objects.bulk_create(
        Note(user=lena, content=content(course, "c1"), text=f"Note {number}")
        for number in range(50)
    )
    with CaptureQueriesContext(connection) as many:
        archive.write(io.BytesIO(), lena, timezone.now())
    assert len(many) == len(one)
