"""Seals the evidence behind a certificate, so that it outlives the retention of raw events."""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from django.db.models import Q

from certificates.models import Certificate, Packet
from certificates.signing import identity
from progress.ingest.canonical import canonical_json
from progress.jobs import Run
from progress.models import (
    ContentInteraction,
    Enrollment,
    EvidenceExport,
    LearningSession,
)
from progress.operations.locking import lock_progress, retried
from progress.operations.partitions import Partition
from progress.operations.streaming import streamed

from .records import iso, records

FORMAT = 1
MAX_PER_RUN = 500  # the next run goes on
EVENTS_AT_ONCE = 2000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP can state


def seal_missing(run: Run, *, limit: int = MAX_PER_RUN) -> None:
    """Seals what isn't sealed yet; sets failures aside. Raises keys.UnusableKey."""
    identity.signing_identity()  # Fails before any row is tried: a bad key is no row's fault.
    missing = Certificate.objects.filter(packet=None).exclude(pk__in=run.rows_set_aside())
    for certificate_id in list(missing.order_by("pk").values_list("pk", flat=True)[:limit]):
        run.take(partial(_seal_all, now=run.now), [certificate_id])


def _seal_all(certificate_ids: Sequence[int], *, now: datetime) -> int:
    return sum(seal(pk, now) is not None for pk in certificate_ids)


@retried
def seal(certificate_id: int, now: datetime) -> Packet:
    """Returns the sealed evidence of a certificate; seals it if that wasn't done.

    Locks the enrolment meanwhile, so that events, intervals and attempts are of one moment.
    """
    enrollment_id = Certificate.objects.values_list("enrollment_id", flat=True).get(
        pk=certificate_id
    )
    lock_progress([enrollment_id])
    packet = Packet.objects.filter(certificate=certificate_id).first()
    if packet is not None:
        return packet
    certificate = Certificate.objects.get(pk=certificate_id)
    enrollment = Enrollment.objects.select_related("course", "course_progress").get(
        pk=enrollment_id
    )
    # On disk beyond a few megabytes: an enrolment may have any number of events.
    with tempfile.SpooledTemporaryFile(max_size=4 * 2**20) as file:
        writer = _Writer(file)
        for name, value in records(certificate, enrollment, now):
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
            user_id=certificate.user_id,
            sealed=file.read(),
            sha256=hashlib.sha256(manifest).hexdigest(),
            events=events.count,
            first_index=events.first_index,
            sealed_at=now,
        )


def needs_evidence(first: datetime, after: datetime) -> bool:
    """Whether a certificate that isn't sealed, or not even issued yet, rests on sessions that began
    in this period."""
    unsealed = Enrollment.objects.completed().filter(
        Q(certificates=None) | Q(certificates__packet=None)
    )
    return LearningSession.objects.filter(
        enrollment__in=unsealed, start_time__gte=first, start_time__lt=after
    ).exists()


def _signature(manifest: bytes) -> bytes:
    """Returns a detached CMS signature of the manifest in PEM, with the issuer's certificates."""
    # Imported here for its cost: every process loads this module, and few sign.
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs7

    signer = identity.signing_identity()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(signer.chain[0], signer.key, hashes.SHA256())
    for each in signer.chain[1:]:
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
    """The enrolment's events in the chain's order, as lines of JSON: index, hash, record.

    Events in the packet of the certificate that this one replaces are taken from there: the
    database may have dropped them. `missing` are the half-open ranges that are in neither.
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
            entry = {"index": index, "hash": bytes(head).hex(), "record": record}
            yield index, canonical_json(entry) + b"\n"

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
    """Returns the start of the first session, so that older partitions are skipped."""
    first = LearningSession.objects.filter(enrollment=enrollment).order_by("start_time").first()
    return first.start_time if first else enrollment.enrolled_at


def _manifest(certificate, enrollment, writer: _Writer, events: _Events, now: datetime) -> dict:
    progress = enrollment.course_progress
    return {
        "format": FORMAT,
        "certificate": certificate.number,
        "sealed_at": iso(now),
        "files": writer.digests,
        "chain": {
            "length": progress.chain_length,
            "head": bytes(progress.chain_hash).hex(),
            "missing": events.missing,
            # The chain's length and head when the certificate was issued.
            "certified_length": certificate.chain_length,
            "certified_head": certificate.chain_hash,
        },
        "earlier_events": _exports(enrollment) if events.missing else [],
    }


def _exports(enrollment: Enrollment) -> list[dict]:
    """Returns the files to which events of this enrolment's sessions were moved before sealing."""
    started = LearningSession.objects.filter(enrollment=enrollment).order_by()
    months = [
        Partition(day.date()).name for day in started.datetimes("start_time", "month", tzinfo=UTC)
    ]
    dropped = EvidenceExport.objects.filter(partition__in=months).exclude(dropped_at=None)
    return [
        {"file": each.file.rpartition("/")[2], "sha256": each.sha256, "rows": each.rows}
        for each in dropped.order_by("partition", "pk")
    ]
