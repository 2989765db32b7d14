"""The evidence packet: an auditor checks it offline, and no change of it goes unseen."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates import tasks
from certificates.evidence import packet_archive, sealing
from certificates.lifecycle import issuing
from certificates.models import Certificate, Packet
from certificates.signing import identity
from progress.ingest import regrading
from progress.models import Choice, CourseProgress
from progress.operations import partitions, retention
from tests.factories import (
    a_course_of,
    a_learner,
    a_session,
    a_user,
    an_instructor,
    content,
    report,
)
from tests.support.certificates import LATER, a_certificate, completed
from tests.support.evidence import EMBED, VIDEO, a_sealed, export, unpacked, verify
from tests.support.quizzes import Quiz
from tests.support.races import at_once, watched

pytestmark = pytest.mark.django_db


def test_an_auditor_verifies_it_offline(tmp_path):
    certificate = a_sealed()
    code, output = verify(unpacked(certificate, tmp_path))
    assert code == 0, output
    assert "VERIFIED" in output
    assert f"Certificate {certificate.number}" in output
    assert "“Fire doors”: 100.00 % of 10000 milliseconds covered, 90 % needed" in output
    assert "“A walk”: SELF-REPORTED as 100 %, not measured" in output
    assert "5 events, each following from the one before it" in output
    assert identity.signing_identity().name in output


def test_the_archive_itself_can_be_verified(tmp_path):
    certificate = a_sealed()
    path = tmp_path / "evidence.zip"
    with packet_archive.archive(certificate) as file:
        path.write_bytes(file.read())
    assert verify(path)[0] == 0


def test_what_lies_beside_it_is_named_and_spoils_nothing(tmp_path):
    folder = unpacked(a_sealed(), tmp_path)
    (folder / "evidence.zip").write_bytes(b"PK")
    code, output = verify(folder)
    assert code == 0
    assert "evidence.zip doesn't belong to the packet" in output


def test_every_change_of_any_file_is_found(tmp_path):
    folder = unpacked(a_sealed(), tmp_path)
    for file in sorted(folder.iterdir()):
        before = file.read_bytes()
        middle = len(before) // 2
        file.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        if file.name == "verify.py":
            path = tmp_path.parent / f"{tmp_path.name}.zip"
            with zipfile.ZipFile(path, "w") as archive:
                for each in folder.iterdir():
                    archive.write(each, each.name)
            code, output = verify(path)
        else:
            code, output = verify(folder)
        assert code == 1, file.name
        assert file.name in output or file.name == "packet.json", output
        file.write_bytes(before)
        file.rename(folder / "elsewhere")
        if file.name != "verify.py":
            assert verify(folder)[0] == 1, f"without {file.name}"
        (folder / "elsewhere").rename(file)
    assert verify(folder)[0] == 0


@pytest.mark.parametrize("how", ["dropped", "swapped", "doubled", "edited"])
def test_what_was_done_to_events_is_named(tmp_path, how):
    folder = unpacked(a_sealed(), tmp_path)
    path = folder / "events.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    if how == "dropped":
        del lines[1]
    elif how == "swapped":
        lines[1], lines[2] = lines[2], lines[1]
    elif how == "doubled":
        lines.insert(1, lines[1])
    else:
        lines[1] = lines[1].replace("4000", "5000")
    path.write_text("".join(lines))
    code, output = verify(folder)
    assert code == 1
    expected = {"edited": "event 1 doesn't follow", "doubled": "event 1 is where event 2"}
    assert expected.get(how, "event 2 is where event 1 should be") in output


def test_more_than_was_earned_is_found_also_under_a_new_seal(tmp_path):
    folder = unpacked(a_sealed(), tmp_path)
    path = folder / "contents.json"
    contents = json.loads(path.read_text())
    contents[0]["covered"] = [[0, 20_000]]
    path.write_bytes(sealing.canonical_json(contents))
    _, output = verify(folder)
    assert "earned 10000 ms, but 20000 ms are claimed" in output
    assert "parts are claimed that no event says were played" in output


def test_it_has_attempts_with_answers_and_regrades(tmp_path):
    quiz = Quiz()
    for number in range(3):
        quiz.answer(number, "right", "also right")
    quiz.answer(3, "wrong")
    quiz.submit()
    Choice.objects.filter(question=quiz.questions[3]).update(is_correct=False)
    Choice.objects.filter(question=quiz.questions[3], text="wrong").update(is_correct=True)
    quiz.course.structure_version += 1
    quiz.course.save()
    regrading.regrade(content(quiz.course, "c1"), reason="A slip", by=None, now=LATER)
    tasks.issue_missing()
    tasks.seal_missing()
    folder = unpacked(Certificate.objects.get(), tmp_path)
    (attempt,) = json.loads((folder / "attempts.json").read_text())
    assert attempt["score_bp"] == 10_000
    assert attempt["answers"][0]["chosen"] == ["right", "also right"]
    assert attempt["regrades"][0]["score_before_bp"] == 7500
    code, output = verify(folder)
    assert code == 0, output
    assert "was rescored: A slip" in output


def test_it_has_nothing_about_other_learners(tmp_path):
    certificate = a_sealed()
    completed(a_learner(full_name="Tom Weber"), certificate.course)
    folder = unpacked(certificate, tmp_path)
    for file in folder.iterdir():
        assert b"Tom Weber" not in file.read_bytes()
    sessions = json.loads((folder / "sessions.json").read_text())
    assert len(sessions) == 1


# --- The seal ------------------------------------------------------------------------------------
def test_the_same_bytes_each_time():
    certificate = a_sealed()
    with packet_archive.archive(certificate) as one, packet_archive.archive(certificate) as two:
        assert one.read() == two.read()


def test_later_events_change_nothing_in_it():
    certificate = a_sealed()
    before = Packet.objects.values().get()
    session = certificate.enrollment.sessions.get()
    report(session, watched(content(certificate.course, "c1")), now=LATER + timedelta(seconds=60))
    tasks.seal_evidence(certificate.pk)
    tasks.seal_missing()
    assert Packet.objects.values().get() == before


def test_the_database_refuses_to_change_it():
    a_sealed()
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        Packet.objects.update(sha256="0" * 64)


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_seal_one():
    certificate = a_certificate()
    at_once([lambda: tasks.seal_evidence(certificate.pk)] * 10)
    assert Packet.objects.count() == 1


def test_the_sweep_seals_the_rest_and_queries_do_not_grow(django_assert_max_num_queries):
    certificate = a_certificate()
    session = certificate.enrollment.sessions.get()
    video = content(certificate.course, "c1").pk
    views = [{"content_id": video, "interaction_type": "view"}] * 100
    report(session, *views, now=LATER)
    with django_assert_max_num_queries(30):
        tasks.seal_missing()
    packet = Packet.objects.get()
    assert packet.events == CourseProgress.objects.get().chain_length > 100


# --- Retention -----------------------------------------------------------------------------------


def test_evidence_waits_in_the_database_until_it_is_sealed(expiring):
    certificate = a_certificate()
    with pytest.raises(retention.EvidenceNeeded, match="aren't sealed yet"):
        export(expiring)
    tasks.seal_evidence(certificate.pk)
    assert [each.dropped_at for each in export(expiring)] == [expiring]


def test_events_dropped_before_sealing_are_named(expiring, tmp_path):
    course = a_course_of(VIDEO, EMBED)
    learner = a_learner(course)
    early = a_session(course, learner)
    report(early, watched(content(course, "c1"), duration_seconds=10), now=LATER)
    export(expiring)
    partitions.ensure(expiring.date().replace(day=1), 1)
    late = a_session(course, learner, now=expiring)
    walked = {"content_id": content(course, "c2").pk, "interaction_type": "progress"}
    report(late, walked | {"completion_percentage": 100}, now=expiring + timedelta(seconds=60))
    certificate = issuing.issue(late.enrollment_id, expiring + timedelta(seconds=60))
    tasks.seal_evidence(certificate.pk)
    folder = unpacked(certificate, tmp_path / "packet")
    code, output = verify(folder)
    assert code == 0, output
    assert "verified from event 1 on" in output
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["earlier_events"][0]["file"].endswith(".csv.gz")


# --- Who gets it ---------------------------------------------------------------------------------
def test_those_who_may_see_the_certificate_may_download_it(client):
    certificate = a_sealed()
    address = f"/api/certificates/{certificate.number}/evidence/"
    for user, status in [
        (certificate.user, 200),
        (an_instructor(certificate.course), 200),
        (an_instructor(), 404),
        (a_user(), 404),
    ]:
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == status
        if status == 200:
            assert f"evidence-{certificate.number}.zip" in answer["Content-Disposition"]
            body = b"".join(answer.streaming_content)
            assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    client.force_login(certificate.user)
    assert address in client.get(f"/certificates/{certificate.number}/").content.decode()


def test_before_sealing_it_says_that_it_is_being_sealed(client):
    certificate = a_certificate()
    client.force_login(certificate.user)
    answer = client.get(f"/api/certificates/{certificate.number}/evidence/")
    assert answer.status_code == 404
    assert "being sealed" in answer.json()["errors"][0]["detail"]


def test_verification_shows_the_seal(client):
    certificate = a_sealed()
    seal = Packet.objects.get().sha256
    answer = client.get("/api/certificates/verify/", {"q": certificate.code}).json()
    assert answer["evidence_sha256"] == seal
    assert seal in client.get(f"/verify/{certificate.code}/").content.decode()
