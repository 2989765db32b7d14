"""What verify.py finds in an evidence packet, and what it must not report as a problem."""

import ast
import hashlib
import json
import random
import sys
import uuid
import zipfile
from datetime import timedelta

import pytest

from certificates import tasks
from certificates.evidence import packet_archive, sealing
from certificates.lifecycle import issuing
from certificates.models import Certificate
from progress import slots
from progress.catalogue import replace_course
from progress.models import ContentInteraction
from progress.operations import partitions
from tests.factories import NOON, a_course, a_course_of, a_document, a_learner, a_session, report
from tests.factories import content as content_of
from tests.support.certificates import LATER, a_certificate, completed
from tests.support.evidence import EMBED, VIDEO, a_sealed, export, unpacked, verify
from tests.support.quizzes import Quiz

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def sealed(enrollment_id, now=LATER) -> Certificate:
    certificate = issuing.issue(enrollment_id, now)
    tasks.render_certificate(certificate.pk)
    tasks.seal_evidence(certificate.pk)
    return certificate


# --- What learners really do ---------------------------------------------------------------------
def anything(dice, course, moment):
    """An event as a player, an importer or a broken client might send it."""
    chosen = dice.choice(list(content_of_any(course)))
    places = sorted(round(dice.uniform(0, 70), 3) for _ in range(2))
    event = {
        "content_id": dice.choice([chosen.pk] * 9 + [0]),
        "interaction_type": dice.choice(["view", "play", "progress", "pause", "seek", "download"]),
        "duration_seconds": dice.choice([0, 3, 20.5]),
        "event_id": str(uuid.UUID(int=dice.randrange(2**128), version=4)),
    }
    event |= dice.choice(
        [
            {"segments": [places, places[::-1]]},
            {"position": places[0], "playback_rate": 2},
            {"position": places[1], "is_active": False},
            {"page": dice.randint(1, 12)},
            {"span": [0.1, 0.7]},
            {"completion_percentage": dice.randint(0, 100)},
            {"segments": "nonsense"},
            {"occurred_at": (moment - timedelta(seconds=30)).isoformat()},
        ]
    )
    return event


def content_of_any(course):
    for module in course.modules.all():
        yield from module.contents.all()


def everything(course):
    """What completes each content of the course of every type."""
    by_code = {each.code: each for each in content_of_any(course)}
    yield {"content_id": by_code["video"].pk, "segments": [[0, 60]]}
    yield {"content_id": by_code["audio"].pk, "segments": [[0, 20]]}
    for page in range(1, 11):
        yield {"content_id": by_code["pages"].pk, "page": page, "duration_seconds": 30}
    yield {"content_id": by_code["text"].pk, "span": [0, 1], "duration_seconds": 90}
    quiz = by_code["quiz"]
    for question in quiz.questions.all():
        right = question.choices.filter(is_correct=True).values_list("pk", flat=True)
        answer = {"question_id": question.pk, "answer": list(right)}
        yield {"content_id": quiz.pk, "interaction_type": "answer", **answer}
        yield {"content_id": quiz.pk, "interaction_type": "answer", **answer}
    yield {"content_id": quiz.pk, "interaction_type": "submit"}


@pytest.mark.parametrize("seed", range(8))
def test_the_evidence_of_any_learning_is_verified(seed, tmp_path):
    dice = random.Random(seed)
    course = a_course()
    learner = a_learner(course)
    sessions = [a_session(course, learner) for _ in range(2)]
    now, sent = NOON, []
    for _ in range(dice.randint(5, 40)):
        now += timedelta(seconds=dice.randint(0, 40))
        batch = [anything(dice, course, now) for _ in range(dice.randint(1, 4))]
        sent += batch
        batch += dice.choices(sent, k=dice.randint(0, 2))
        report(dice.choice(sessions), *batch, now=now)
    last = a_session(course, learner, now=now)
    for event in everything(course):
        now += timedelta(seconds=120)
        report(last, {"interaction_type": "progress"} | event, now=now)
    code, output = verify(unpacked(sealed(last.enrollment_id, now), tmp_path))
    assert code == 0, output
    assert "VERIFIED: the evidence is whole" in output


def test_completion_by_rules_that_were_changed_is_a_reservation(tmp_path):
    video = {"code": "c1", **VIDEO}
    document = a_document(modules=[{"code": "m", "contents": [video, {"code": "c2", **EMBED}]}])
    course = replace_course(document)
    session = a_session(course)
    watched = {"interaction_type": "progress", "segments": [[0, 9.2]], "duration_seconds": 9}
    report(session, watched | {"content_id": content_of(course, "c1").pk}, now=LATER)
    video["complete_at"] = 95
    replace_course(document)
    walked = {"content_id": content_of(course, "c2").pk, "interaction_type": "complete"}
    report(session, walked | {"completion_percentage": 100}, now=LATER)
    code, output = verify(unpacked(sealed(session.enrollment_id), tmp_path))
    assert code == 0, output
    assert "92.00 % of 10000 milliseconds covered, 95 % needed; counted as complete on" in output
    assert "with these reservations:" in output


def test_a_quiz_without_a_pass_mark_needs_no_score(tmp_path):
    quiz = Quiz(pass_percentage=None)
    quiz.answer(0, "wrong")
    quiz.submit()
    certificate = sealed(quiz.session.enrollment_id)
    assert certificate.rules["contents"][0]["needed_bp"] == 0
    code, output = verify(unpacked(certificate, tmp_path))
    assert code == 0, output
    assert ": submitted" in output


# --- Forgeries whose digests were made to match ------------------------------------------------
def forged(folder, name, change):
    """Changes a document, and every digest that would reveal it."""
    document = json.loads((folder / name).read_text())
    change(document)
    (folder / name).write_bytes(sealing.canonical_json(document))
    fit(folder)


def fit(folder):
    for listing in ["manifest.json", "packet.json"]:
        listed = json.loads((folder / listing).read_text())
        for name in listed["files"]:
            listed["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / listing).write_bytes(sealing.canonical_json(listed))


def sealed_with_everything(tmp_path):
    course = a_course()
    session, now = a_session(course), NOON
    for event in everything(course):
        now += timedelta(seconds=120)
        report(session, {"interaction_type": "progress"} | event, now=now)
    return unpacked(sealed(session.enrollment_id, now), tmp_path / "packet")


FORGERIES = {
    "no event says were played or in view": (
        "contents.json",
        lambda doc: doc[2].update(covered=[[0, 11]]),
    ),
    "other answers are claimed": (
        "attempts.json",
        lambda doc: doc[0]["answers"][0].update(chosen_ids=[1]),
    ),
    "was submitted, and isn't in attempts.json": (
        "attempts.json",
        lambda doc: doc.clear(),
    ),
    "ms active, but its events earned": (
        "sessions.json",
        lambda doc: doc[0].update(active_ms=doc[0]["active_ms"] + 1),
    ),
    "are certified, the sessions have less": (
        "certificate.json",
        lambda doc: doc.update(time_ms=10**9),
    ),
    "the certified score is 9900": (
        "certificate.json",
        lambda doc: doc.update(score_bp=9900),
    ),
    "isn't this learner's": ("certificate.json", lambda doc: doc.update(user_id=0)),
    "certificate.json is another": (
        "certificate.json",
        lambda doc: doc.update(number="x"),
    ),
    "the certificate names event 99": (
        "manifest.json",
        lambda doc: doc["chain"].update(certified_length=100),
    ),
    "the certificate names another event": (
        "manifest.json",
        lambda doc: doc["chain"].update(certified_head="0" * 64),
    ),
    "and no archive is named": (
        "manifest.json",
        lambda doc: doc["chain"].update(missing=[[0, 1]]),
    ),
    "can't be understood": ("sessions.json", lambda doc: doc.__setitem__(0, [])),
}


@pytest.mark.parametrize("expected", FORGERIES)
def test_a_forgery_is_named_also_where_every_digest_fits(expected, tmp_path):
    folder = sealed_with_everything(tmp_path)
    assert verify(folder)[0] == 0
    forged(folder, *FORGERIES[expected])
    code, output = verify(folder)
    assert code == 1
    assert expected in output
    assert "manifest.json isn't what the issuer signed" in output


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reported_bp": 9000}, "reported as 90 %"),
        (
            {"completes_on_download": True, "downloads": 1},
            "no event reports that it was downloaded",
        ),
        ({"reported_bp": 100, "completed_at": None}, "it falls short"),
    ],
)
def test_what_was_reported_is_what_events_say(change, expected, tmp_path):
    session = a_session(a_course_of(EMBED))
    walked = {"content_id": content_of(session.enrollment.course, "c1").pk}
    ending = {"interaction_type": "complete", "completion_percentage": 90}
    report(session, walked | ending, now=LATER)
    folder = unpacked(sealed(session.enrollment_id), tmp_path)
    expected = expected.replace("reported as 90 %", "SELF-REPORTED as 90 %")
    forged(folder, "contents.json", lambda contents: contents[0].update(change))
    assert expected in verify(folder)[1]
    forged(folder, "contents.json", lambda contents: contents[0].update(reported_bp=9500))
    if not change.get("downloads"):
        assert "no event reported 95 %" in verify(folder)[1]


def test_the_pdf_of_another_certificate_is_found(tmp_path):
    folder = unpacked(a_sealed(), tmp_path / "one")
    other = unpacked(a_sealed(), tmp_path / "other")
    (folder / "certificate.pdf").write_bytes((other / "certificate.pdf").read_bytes())
    fit(folder)
    assert "certificate.pdf is another certificate's" in verify(folder)[1]


def test_a_document_that_says_nothing_is_no_document(tmp_path):
    folder = unpacked(a_sealed(), tmp_path)
    (folder / "rules.json").write_text("null")
    fit(folder)
    assert "rules.json says nothing" in verify(folder)[1]


def test_a_file_twice_in_the_archive_is_found(tmp_path):
    path = tmp_path / "evidence.zip"
    with packet_archive.archive(a_sealed()) as file:
        path.write_bytes(file.read())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("rules.json", archive.read("rules.json"))
    code, output = verify(path)
    assert code == 1
    assert "rules.json is in the archive more than once" in output


def test_no_title_moves_the_terminals_cursor(tmp_path):
    course = a_course_of(
        {"content_type": "embed", "completion_source": "reported", "title": "Walk\x1b[2K\rVERIFIED"}
    )
    session = a_session(course)
    walked = {"content_id": content_of(course, "c1").pk, "interaction_type": "complete"}
    report(session, walked | {"completion_percentage": 100}, now=LATER)
    folder = unpacked(sealed(session.enrollment_id), tmp_path)
    (folder / "x\x1b[2Ky").write_text("")
    _, output = verify(folder)
    assert "\x1b" not in output
    assert "Walk\\x1b[2K\\rVERIFIED" in output


def test_without_openssl_the_signature_is_a_reservation(tmp_path, monkeypatch):
    folder = unpacked(a_sealed(), tmp_path)
    monkeypatch.setenv("PATH", "")
    code, output = verify(folder)
    assert code == 0, output
    assert "2. openssl" in output or "1. openssl" in output


def test_it_prints_the_seal_that_the_page_shows(tmp_path, client):
    certificate = a_sealed()
    seal = client.get("/api/certificates/verify/", {"q": certificate.code}).json()
    output = verify(unpacked(certificate, tmp_path))[1]
    assert f"Seal {seal['evidence_sha256']}" in output


def test_it_runs_in_python_3_8_with_nothing_else():
    source = (packet_archive.HERE / "verify.py").read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported <= sys.stdlib_module_names
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


# --- What had left the database ------------------------------------------------------------------
def test_gaps_between_sessions_of_two_months_are_named(expiring, tmp_path):
    """Two devices at the turn of a month: the older one's session leaves, and takes every second
    event along."""
    turn = NOON.replace(month=6, day=1, hour=0)
    partitions.ensure(turn.date(), 1)
    course = a_course_of(VIDEO, EMBED)
    learner = a_learner(course)
    old = a_session(course, learner, now=turn - HOUR)
    young = a_session(course, learner, now=turn + HOUR)
    seen = {"content_id": content_of(course, "c1").pk, "interaction_type": "view"}
    for minute in range(4):
        for session in (old, young):
            report(session, seen, now=turn + HOUR + timedelta(minutes=minute))
    watched = {"interaction_type": "progress", "segments": [[0, 10]], "duration_seconds": 10}
    report(young, seen | watched, now=turn + 2 * HOUR)
    export(turn + timedelta(days=35))
    assert ContentInteraction.objects.count() == 5
    walked = {"content_id": content_of(course, "c2").pk, "interaction_type": "complete"}
    report(young, walked | {"completion_percentage": 100}, now=turn + 3 * HOUR)
    certificate = sealed(young.enrollment_id, turn + 3 * HOUR)
    folder = unpacked(certificate, tmp_path / "packet")
    code, output = verify(folder)
    assert code == 0, output
    assert "verified from event 7 on: events 0 to 0, 2 to 2, 4 to 4, 6 to 6 were moved" in output
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [each["file"][-14:] for each in manifest["earlier_events"]] == ["2026_05.csv.gz"]
    lines = (folder / "events.jsonl").read_text().splitlines(keepends=True)
    (folder / "events.jsonl").write_text("".join(lines[:2] + lines[3:]))
    assert "is where event" in verify(folder)[1]


def test_a_deleted_event_is_a_problem_and_not_a_moved_one(tmp_path):
    enrollment = completed()
    session = enrollment.sessions.get()
    seen = {"content_id": content_of(enrollment.course, "c1").pk, "interaction_type": "view"}
    report(session, seen, seen, now=LATER)
    ContentInteraction.objects.filter(chain_index=1).delete()
    code, output = verify(unpacked(sealed(enrollment.pk), tmp_path))
    assert code == 1
    assert "events 1 to 1 are missing, and no archive is named" in output


def test_one_that_is_issued_anew_keeps_the_evidence_that_was_sealed(expiring, tmp_path):
    certificate = a_certificate()
    tasks.seal_evidence(certificate.pk)
    export(expiring)
    assert not ContentInteraction.objects.exists()
    made = issuing.reissue(certificate.pk, reason="Her name", by=None, now=expiring)
    tasks.seal_evidence(made.pk)
    folder = unpacked(made, tmp_path / "packet")
    assert (folder / "events.jsonl").read_text().count("\n") == 1
    code, output = verify(folder)
    assert code == 0, output
    assert "the evidence is whole" in output


def test_it_says_when_no_event_is_left(expiring, tmp_path):
    enrollment = completed()
    late = a_certificate_after_its_events_left(enrollment, expiring)
    code, output = verify(unpacked(late, tmp_path / "packet"))
    assert code == 0, output
    assert "no event is left to verify: events 0 to 0 were moved" in output


def a_certificate_after_its_events_left(enrollment, now) -> Certificate:
    """As in the time before evidence was sealed: nothing kept the month in the database."""
    slots.needs_evidence.fill(None)
    try:
        export(now)
    finally:
        slots.needs_evidence.fill(sealing.needs_evidence)
    return sealed(enrollment.pk, now)
