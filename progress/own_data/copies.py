"""Copies that people ask for: made at once or by a job, announced, kept for some days, deleted.

The file is kept beside uploads, under a name that nobody can guess; only a view that looks for the
person's own row hands it out.
"""

import secrets
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from progress.ingest import erasing
from progress.jobs import Run, crontab, every, job
from progress.mail import outgoing
from progress.mail.password_links import can_be_mailed
from progress.models import CourseProgress, OwnDataCopy, User
from progress.operations import broker

from . import archive

KIND = "own_data"
FOLDER = "own-data"
AT_ONCE = 2000  # events of a record that a request writes out itself; more are left to the job
PAUSE = timedelta(minutes=10)  # between two copies of one person
MAX_IN_MEMORY = 8 * 2**20


def storage() -> Storage:
    return storages["uploads"]


def of(user: User, now: datetime) -> OwnDataCopy | None:
    """The person's copy that is under way, else the newest that can be fetched."""
    own = OwnDataCopy.objects.filter(user=user)
    under_way = own.filter(finished_at=None).first()
    return under_way or own.filter(expires_at__gt=now).first()


def may_ask(copy: OwnDataCopy | None, now: datetime) -> bool:
    """Whether another copy may be asked for beside this one."""
    return copy is None or (copy.finished_at is not None and copy.finished_at <= now - PAUSE)


def ask(user: User, now: datetime) -> OwnDataCopy:
    """The person's copy: a new one, or one that is under way or was made a moment ago."""
    known = of(user, now)
    if known is not None and not may_ask(known, now):
        return known
    if _events(user) <= AT_ONCE:
        copy = OwnDataCopy(user=user, requested_at=now)
        _make(copy, now)
        return copy
    try:
        with transaction.atomic():
            copy = OwnDataCopy.objects.create(user=user, requested_at=now)
    except IntegrityError:  # asked for in two windows
        return OwnDataCopy.objects.get(user=user, finished_at=None)
    transaction.on_commit(partial(broker.enqueue, make_own_data), robust=True)
    return copy


def _events(user: User) -> int:
    own = CourseProgress.objects.filter(user=user)
    return own.aggregate(all=Sum("chain_length", default=0))["all"]


# --- Making --------------------------------------------------------------------------------------
@job(
    schedule=every("Make copies of own data", minutes=5, expires=True),
    name="progress.tasks.make_own_data",
)
def make_own_data(run: Run) -> None:
    """Write the copies that people have asked for, and write to them."""
    waiting = OwnDataCopy.objects.filter(finished_at=None).exclude(pk__in=run.rows_set_aside())
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        run.take(partial(_make_waiting, now=run.now), [pk])


def _make_waiting(ids: Sequence[int], *, now: datetime) -> int:
    copy = OwnDataCopy.objects.select_related("user").get(pk=ids[0])
    _make(copy, now, announces=True)
    return 1


def _make(copy: OwnDataCopy, now: datetime, *, announces: bool = False) -> None:
    """Stores the file, then the row; earlier copies go. A file without its row is deleted."""
    with tempfile.SpooledTemporaryFile(max_size=MAX_IN_MEMORY) as file:
        archive.write(file, copy.user, now)
        copy.size = file.tell()
        file.seek(0)
        copy.stored_as = storage().save(f"{FOLDER}/{secrets.token_urlsafe(24)}.zip", File(file))
    copy.finished_at, copy.expires_at = now, now + timedelta(days=settings.OWN_DATA_DAYS)
    try:
        with transaction.atomic():
            copy.save()
            if announces and _can_be_written_to(copy.user):
                outgoing.queue(KIND, [(str(copy.pk), {"user_id": copy.user_id})], now)
                outgoing.send_soon()
    except Exception:
        storage().delete(copy.stored_as)
        raise
    finished = OwnDataCopy.objects.filter(user=copy.user, finished_at__isnull=False)
    delete(finished.exclude(pk=copy.pk))


def _can_be_written_to(user: User) -> bool:
    return can_be_mailed() and bool(user.email) and user.is_active and not user.is_test


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    """The mail, or why it isn't sent any more."""
    user = User.objects.filter(pk=payload["user_id"]).first()
    copy = user and OwnDataCopy.objects.filter(user=user, expires_at__gt=now).first()
    if user is None or copy is None:
        return "The copy is no longer there."
    if not _can_be_written_to(user):
        return "The account is no longer active, or has no email address."
    page = settings.PUBLIC_URL + reverse("account")
    with translation.override(user.mail_language), timezone.override(user.time_zone):
        context = {"person": user, "copy": copy, "page": page}
        text = render_to_string("registration/own_data_mail.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[user.email])


outgoing.register(KIND, outgoing.Kind(compose))


# --- Deleting ------------------------------------------------------------------------------------
@job(
    schedule=crontab("Delete expired copies of own data", minute="20", hour="4"),
    name="progress.tasks.delete_own_data",
)
def delete_own_data(run: Run) -> None:
    """Delete copies that can't be fetched any more, with their files."""
    run.rows = delete(OwnDataCopy.objects.filter(expires_at__lte=run.now))


def delete(copies: QuerySet[OwnDataCopy]) -> int:
    """The file goes before its row, so that what is interrupted can be repeated."""
    count = 0
    for copy in copies:
        if copy.stored_as:
            storage().delete(copy.stored_as)
        copy.delete()
        count += 1
    return count


@erasing.also
def _forget(learners: Sequence[int], courses: Sequence[int]) -> int:
    return delete(OwnDataCopy.objects.filter(user__in=learners))
