"""What leaves the database when its time is over: evidence goes to files, the rest is deleted."""

import gzip
import hashlib
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from knox.models import AuthToken

from progress import slots
from progress.models import (
    Drift,
    EvidenceExport,
    KeptAnswer,
    OutboxMessage,
    OutgoingMail,
    SignIn,
)
from progress.models.idempotency import KEPT_FOR
from progress.operations import partitions

from .partitions import Partition

KEPT_DAYS = 90
CHUNK = 5000
READ_BYTES = 1024 * 1024


class ArchiveMissing(Exception):
    """There is evidence to export, but no folder to export it to."""


class EvidenceNeeded(Exception):
    """An app above still needs the month's evidence, and will have read it soon."""


class ExportDiffers(Exception):
    """A file isn't what was exported, or the partition has more rows since then."""


# --- Evidence --------------------------------------------------------------------------------
def export_expired(now: datetime) -> Iterator[EvidenceExport]:
    """Writes each month of evidence beyond EVIDENCE_MONTHS to a file, then drops its partition.

    Nothing is dropped before its file has been read back. Continues where a killed run was. Raises
    ArchiveMissing, EvidenceNeeded, ExportDiffers, OSError.
    """
    for partition in expired(now.date()):
        if slots.needs_evidence(*partition.bounds):
            raise EvidenceNeeded(
                f"{partition.name} is the evidence of certificates that aren't sealed yet."
            )
        if slots.unfolded_evidence(*partition.bounds):
            raise EvidenceNeeded(f"{partition.name} has evidence that isn't in the rollups yet.")
        export = _unfinished(partition) or _export(partition, now)
        _drop(partition, export, now)
        yield export


def expired(today: date) -> list[Partition]:
    """The partitions that lie before the months that are kept, oldest first."""
    if settings.EVIDENCE_MONTHS == 0:
        return []
    oldest_kept = partitions.month_after(today, -settings.EVIDENCE_MONTHS)
    return [partition for partition in partitions.existing() if partition.month < oldest_kept]


def _unfinished(partition: Partition) -> EvidenceExport | None:
    """An export whose partition a killed run hadn't dropped yet, if its file is still right."""
    export = EvidenceExport.objects.filter(partition=partition.name, dropped_at=None).first()
    if export is None or (_digest(Path(export.file)) == export.sha256 and _agrees(export)):
        return export
    export.delete()
    return None


def _export(partition: Partition, now: datetime) -> EvidenceExport:
    if not settings.EVIDENCE_ARCHIVE:
        raise ArchiveMissing(
            f"{partition.name} is older than EVIDENCE_MONTHS, but EVIDENCE_ARCHIVE names no folder "
            "to export it to."
        )
    done = EvidenceExport.objects.filter(partition=partition.name).count()
    again = f"-{done + 1}" if done else ""
    file = Path(settings.EVIDENCE_ARCHIVE).resolve() / f"{partition.name}{again}.csv.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows, last_id = _write(partition, file)
    return EvidenceExport.objects.create(
        partition=partition.name,
        file=str(file),
        rows=rows,
        last_id=last_id,
        sha256=_digest(file),
        exported_at=now,
    )


def _write(partition: Partition, file: Path) -> tuple[int, int | None]:
    """Writes a partition to a file, whole or not at all; returns its row count and last id."""
    unfinished = file.with_suffix(".unfinished")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {partition.name}")
        last_id = cursor.fetchone()[0]
        with open(unfinished, "wb") as raw:
            # No name and no time in the header: the same rows make the same bytes.
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                cursor.copy_expert(
                    f"COPY (SELECT * FROM {partition.name} ORDER BY id)"
                    " TO STDOUT WITH (FORMAT csv, HEADER)",
                    packed,
                )
            raw.flush()
            os.fsync(raw.fileno())
        rows = cursor.rowcount
    unfinished.replace(file)
    return rows, last_id


def _drop(partition: Partition, export: EvidenceExport, now: datetime) -> None:
    if _digest(Path(export.file)) != export.sha256:
        raise ExportDiffers(f"{export.file} can't be read back as it was written.")
    with partitions.briefly_locked() as cursor:
        cursor.execute(f"LOCK TABLE {partition.name} IN SHARE MODE")
        if not _agrees(export):
            raise ExportDiffers(f"{partition.name} has changed while it was exported.")
        partitions.drop(partition)
        export.dropped_at = now
        export.save(update_fields=["dropped_at"])


def _agrees(export: EvidenceExport) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), max(id) FROM {export.partition}")
        return cursor.fetchone() == (export.rows, export.last_id)


def _digest(file: Path) -> str:
    """The SHA-256 of a file, or "" when there is none."""
    digest = hashlib.sha256()
    try:
        with open(file, "rb") as opened:
            while part := opened.read(READ_BYTES):
                digest.update(part)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()


# --- The rest --------------------------------------------------------------------------------
def prune(now: datetime) -> int:
    """Deletes old messages, mail, resolved alarms, expired sign-ins and keys; returns how many."""
    long_ago = now - timedelta(days=KEPT_DAYS)
    sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects
    old = [
        OutboxMessage.objects.filter(sent_at__lt=long_ago),
        OutgoingMail.objects.filter(settled_at__lt=long_ago, created_at__lt=long_ago),
        Drift.objects.filter(resolved_at__lt=long_ago),
        KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR),
        AuthToken.objects.filter(expiry__lt=now),
        sessions.filter(expire_date__lt=now),
        SignIn.objects.filter(~Exists(sessions.filter(session_key=OuterRef("session_key")))),
    ]
    return sum(_delete(rows) for rows in old) + AxesProxyHandler.reset_logs(age_days=KEPT_DAYS)


def _delete(rows) -> int:
    """In short transactions."""
    deleted = 0
    while ids := list(rows.values_list("pk", flat=True)[:CHUNK]):
        deleted += rows.model.objects.filter(pk__in=ids).delete()[0]
    return deleted
