"""Sealing the evidence behind a certificate, so that it outlives the raw events' retention."""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from django.db.models import Q

from certificates.models import Certificate, Packet
from certificates.signing import identity
from progress.ingest.events import canonical_json
from progress.jobs import Run
from progress.models import (
    Choice,
    ContentInteraction,
    ContentProgress,
    Enrollment,
    EvidenceExport,
    LearningSession,
    Question,
    QuizAttempt,
)
from progress.operations.locking import lock_progress, retried
from progress.operations.partitions import Partition
from progress.operations.streaming import streamed
from progress.state.course_state import CourseReading
from progress.state.structure import ContentFacts

FORMAT = 1
MOST = 500  # of one run; the next goes on
EVENTS_AT_ONCE = 2000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP knows
UNITS = {"seconds": "milliseconds", "fraction": "thousandths"}


def seal_missing(run: Run, *, most: int = MOST) -> None:
    """Seal what isn't yet; one that can't be is set aside. Raises keys.UnusableKey."""
    identity.signing_identity()  # Before any row is taken: none of them is to blame.
    missing = Certificate.objects.filter(packet=None).exclude(pk__in=run.rows_set_aside())
    for certificate_id in list(missing.order_by("pk").values_list("pk", flat=True)[:most]):
        run.take(partial(_seal_all, now=run.now), [certificate_id])


def _seal_all(certificate_ids: Sequence[int], *, now: datetime) -> int:
    return sum(seal(pk, now) is not None for pk in certificate_ids)


@retried
def seal(certificate_id: int, now: datetime) -> Packet:
    """The sealed evidence of a certificate; made if there is none.

    Holds the enrolment meanwhile, so that events, intervals and attempts are of one moment.
    """
    enrollment_id = Certificate.objects.values_list("enrollment_id", flat=True).get(
        pk=certificate_id
    )
    lock_progress([enrollment_id])
    known = Packet.objects.filter(certificate=certificate_id).first()
    if known is not None:
        return known
    certificate = Certificate.objects.get(pk=certificate_id)
    enrollment = Enrollment.objects.select_related("course", "course_progress").get(
        pk=enrollment_id
    )
    # On disk beyond a few megabytes: an enrolment may have any number of events.
    with tempfile.SpooledTemporaryFile(max_size=4 * 2**20) as file:
        writer = _Writer(file)
        for name, value in _documents(certificate, enrollment, now):
            writer.add(name, canonical_json(value))
        events = _Events(certificate, enrollment)
        writer.stream("events.jsonl", events.lines())
        manifest = canonical_json(_manifest(certificate, enrollment, writer, events, now))
        writer.add("manifest.json", manifest)
        writer.add("manifest.json.p7s", _signature(manifest))
        writer.close()
        file.seek(0)
        return Packet.objects.create(
            certificate=certificate,
            sealed=file.read(),
            sha256=hashlib.sha256(manifest).hexdigest(),
            events=events.count,
            first_index=events.first_index,
            sealed_at=now,
        )


def needs(first: datetime, after: datetime) -> bool:
    """Whether unsealed certificates, or such as are still to be issued, rest on evidence of
    sessions that began in this time."""
    unsealed = Enrollment.objects.completed().filter(
        Q(certificates=None) | Q(certificates__packet=None)
    )
    return LearningSession.objects.filter(
        enrollment__in=unsealed, start_time__gte=first, start_time__lt=after
    ).exists()


def _signature(manifest: bytes) -> bytes:
    """Detached CMS over the manifest, in PEM, with the issuer's certificates."""
    who = identity.signing_identity()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(who.chain[0], who.key, hashes.SHA256())
    for each in who.chain[1:]:
        builder = builder.add_certificate(each)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(serialization.Encoding.PEM, options)


class _Writer:
    """A ZIP whose bytes depend on its contents alone; remembers each file's SHA-256."""

    def __init__(self, file):
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        self.stream(name, [content])

    def stream(self, name: str, parts) -> None:
        digest = hashlib.sha256()
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w") as entry:
            for part in parts:
                digest.update(part)
                entry.write(part)
        self.digests[name] = digest.hexdigest()

    def close(self) -> None:
        self._zip.close()


class _Events:
    """The enrolment's events in the chain's order, a line of JSON each: index, hash, record.

    Those that were sealed for the certificate that this one replaces are taken from there: the
    database may have them no more. `missing` are half-open ranges of those that are nowhere.
    """

    def __init__(self, certificate: Certificate, enrollment: Enrollment):
        self._certificate = certificate
        self._length = enrollment.course_progress.chain_length
        self._rows = ContentInteraction.objects.filter(
            enrollment_id=enrollment.pk, session_started_at__gte=_first_start(enrollment)
        ).order_by("chain_index")
        self.count = 0
        self.missing: list[tuple[int, int]] = []

    @property
    def first_index(self) -> int:
        first, after = self.missing[0] if self.missing else (0, 0)
        return 0 if first else after

    def lines(self) -> Iterator[bytes]:
        expected = 0
        for index, line in self._found():
            if index > expected:
                self.missing.append((expected, index))
            self.count, expected = self.count + 1, index + 1
            yield line
        if expected < self._length:
            self.missing.append((expected, self._length))

    def _found(self) -> Iterator[tuple[int, bytes]]:
        reached = 0
        for line in self._sealed_before():
            reached = json.loads(line)["index"] + 1
            yield reached - 1, line
        rows = self._rows.filter(chain_index__gte=reached)
        rows = rows.values_list("chain_index", "chain_hash", "record")
        for index, head, record in streamed(rows, chunk_size=EVENTS_AT_ONCE):
            line = {"index": index, "hash": bytes(head).hex(), "record": record}
            yield index, canonical_json(line) + b"\n"

    def _sealed_before(self) -> Iterator[bytes]:
        packet = Packet.objects.filter(certificate__replaced_by=self._certificate).first()
        if packet is None:
            return
        with (
            zipfile.ZipFile(io.BytesIO(bytes(packet.sealed))) as archive,
            archive.open("events.jsonl") as events,
        ):
            yield from events


def _first_start(enrollment: Enrollment) -> datetime:
    """The start of the first session: older partitions needn't be looked at."""
    first = LearningSession.objects.filter(enrollment=enrollment).order_by("start_time").first()
    return first.start_time if first else enrollment.enrolled_at


def _manifest(certificate, enrollment, writer: _Writer, events: _Events, now: datetime) -> dict:
    progress = enrollment.course_progress
    return {
        "format": FORMAT,
        "certificate": certificate.number,
        "sealed_at": _iso(now),
        "files": writer.digests,
        "chain": {
            "length": progress.chain_length,
            "head": bytes(progress.chain_hash).hex(),
            "missing": events.missing,
            # Where the chain stood when the certificate was issued.
            "certified_length": certificate.chain_length,
            "certified_head": certificate.chain_hash,
        },
        "earlier_events": _exports(enrollment) if events.missing else [],
    }


def _exports(enrollment: Enrollment) -> list[dict]:
    """The files into which events of this enrolment's sessions were moved before this seal."""
    started = LearningSession.objects.filter(enrollment=enrollment).order_by()
    months = [
        Partition(day.date()).name for day in started.datetimes("start_time", "month", tzinfo=UTC)
    ]
    dropped = EvidenceExport.objects.filter(partition__in=months).exclude(dropped_at=None)
    return [
        {"file": each.file.rpartition("/")[2], "sha256": each.sha256, "rows": each.rows}
        for each in dropped.order_by("partition", "pk")
    ]


# --- The documents -------------------------------------------------------------------------------
def _documents(certificate, enrollment, now: datetime) -> Iterator[tuple[str, dict | list]]:
    reading = CourseReading(enrollment, now)
    yield "certificate.json", _certificate(certificate)
    yield "rules.json", certificate.rules
    yield "contents.json", _contents(certificate, reading)
    yield "attempts.json", _attempts(enrollment)
    yield "sessions.json", _sessions(enrollment)


def _certificate(certificate: Certificate) -> dict:
    return {
        "number": certificate.number,
        "learner_name": certificate.learner_name,
        "user_id": certificate.user_id,
        "enrollment_id": certificate.enrollment_id,
        "course_id": certificate.course_id,
        "course_code": certificate.course_code,
        "course_title": certificate.course_title,
        "course_version": certificate.course_version,
        "time_ms": certificate.time_ms,
        "score_bp": certificate.score_bp,
        "completed_at": _iso(certificate.completed_at),
        "issued_at": _iso(certificate.issued_at),
        "expires_at": _iso(certificate.expires_at),
    }


def _contents(certificate: Certificate, reading: CourseReading) -> list[dict]:
    rules = {rule["content_id"]: rule for rule in certificate.rules["contents"]}
    # What was done instead of it may count nowhere itself, as a pre-test does.
    for rule in list(rules.values()):
        if "waived" in rule:
            by = rule["waived"]["by"]
            rules.setdefault(by["content_id"], by)
    told = []
    for rule in rules.values():
        facts = reading.structure.contents.get(rule["content_id"])
        row = reading.rows.get(rule["content_id"])
        if facts is not None and row is not None:
            told.append(_content(rule, facts, row))
    return told


def _content(rule: dict, facts: ContentFacts, row: ContentProgress) -> dict:
    return {
        "content_id": facts.id,
        "code": rule["code"],
        "title": rule["title"],
        "content_type": rule["content_type"],
        "completion_source": rule["completion_source"],
        "needed_bp": rule["needed_bp"],
        "media_version": row.media_version,
        "unit": UNITS.get(facts.extent_unit, facts.extent_unit),
        "extent": facts.extent,
        "covered": [list(span) for span in row.coverage],
        "replayed_ms": row.replayed_ms,
        "withheld_ms": row.withheld_ms,
        "time_ms": row.time_ms,
        "reported_bp": row.reported_bp,
        "best_score_bp": row.best_score_bp,
        "downloads": row.download_count,
        "completes_on_download": facts.completes_on_download,
        "completed_at": _iso(row.completed_at),
    }


def _attempts(enrollment: Enrollment) -> list[dict]:
    attempts = list(
        QuizAttempt.objects.filter(enrollment=enrollment)
        .prefetch_related("regrades")
        .order_by("content_id", "number")
    )
    texts = _Texts({int(question) for attempt in attempts for question in attempt.answers})
    return [_attempt(attempt, texts) for attempt in attempts]


def _attempt(attempt: QuizAttempt, texts: "_Texts") -> dict:
    right = set(attempt.right_questions or [])
    return {
        "content_id": attempt.content_id,
        "number": attempt.number,
        "started_at": _iso(attempt.started_at),
        "submitted_at": _iso(attempt.submitted_at),
        "score_bp": attempt.score_bp,
        "passed": attempt.passed,
        "right": attempt.correct_count,
        "questions": attempt.question_count,
        "time_ms": attempt.time_ms,
        "answers": [
            {
                "question_id": int(question),
                "question": texts.questions.get(int(question), ""),
                "revision": revision,
                # As events name them.
                "chosen_ids": choices,
                "chosen": [texts.choices.get(choice, str(choice)) for choice in choices],
                # What is right instead isn't told: that depends on who asks, and when.
                "is_right": int(question) in right if attempt.submitted_at else None,
                "time_ms": attempt.question_ms.get(question, 0),
            }
            for question, (revision, choices) in sorted(attempt.answers.items())
        ],
        "regrades": [
            {
                "score_before_bp": each.score_before_bp,
                "score_after_bp": each.score_after_bp,
                "reason": each.reason,
                "regraded_at": _iso(each.regraded_at),
            }
            for each in attempt.regrades.all()
        ],
    }


class _Texts:
    """Questions and choices in words, as they are at the time of sealing."""

    def __init__(self, questions: set[int]):
        asked = Question.objects.filter(pk__in=questions)
        self.questions = dict(asked.values_list("pk", "text"))
        offered = Choice.objects.filter(question__in=questions)
        self.choices = dict(offered.values_list("pk", "text"))


def _sessions(enrollment: Enrollment) -> list[dict]:
    sessions = LearningSession.objects.filter(enrollment=enrollment).order_by("start_time", "pk")
    return [
        {
            "session_id": str(session.session_id),
            "device": session.device_id,
            "start": _iso(session.start_time),
            "end": _iso(session.end_time),
            "end_reason": session.end_reason or None,
            "last_activity_at": _iso(session.last_activity_at),
            "active_ms": session.active_ms,
            "idle_ms": session.idle_ms,
            "distractions": session.distractions,
        }
        for session in sessions
    ]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
