"""Learning sessions: started, and ended by their learner."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from django.db import connection
from django.db.models import QuerySet
from msgspec import Raw, Struct

from progress.models import LearningSession
from progress.models.spans import SpansField
from progress.operations.locking import retried
from progress.operations.replica import on_primary
from progress.rules import timing
from progress.state.course_rows import EnrollmentRow, parse_row

from . import recording
from .events import epoch_ms
from .outcome import Outcome
from .rows import SessionRow
from .working_set import LearnerNotEnrolled


class UnknownItem(Exception):
    """A course, module or content that doesn't exist, or not there; `attr` names the field."""

    def __init__(self, attr: str):
        super().__init__(attr)
        self.attr = attr


class StartedSession(Struct, array_like=True):
    """What a start answers of its session."""

    session_id: UUID
    user_id: int
    course_id: int
    enrollment_id: int
    module_id: int | None
    start_time: datetime
    end_time: datetime | None

    @property
    def pk(self) -> UUID:
        return self.session_id


class Started(NamedTuple):
    """A session, whether this call made it, and its enrolment's rows as they are now."""

    session: StartedSession
    is_new: bool
    enrollment: EnrollmentRow


class _Result(Struct):
    """What `progress_start_v1` returns: a session, or why none was started."""

    session: StartedSession | None = None
    is_new: bool = False
    enrollment: Raw = Raw()
    refused: str = ""


class _ByKey(Struct):
    """What `progress_start_by_key_v2` returns; nothing is started for a caller who may not."""

    caller: int = 0
    started: _Result | None = None


_decode = msgspec.json.Decoder(_Result).decode
_decode_by_key = msgspec.json.Decoder(_ByKey).decode


class StartRequest(NamedTuple):
    """A session to be started; `module_id` and `content_id` are where the learner begins."""

    user_id: int
    course_id: int
    module_id: int | None = None
    content_id: int | None = None
    device_id: str = ""
    client_session_id: UUID | None = None

    def parameters(self, now: datetime) -> list:
        elapsed = _spans.get_prep_value(timing.begin_elapsed(epoch_ms(now)))
        return [*self, uuid4(), now, elapsed]


_spans = SpansField()
_PLACES = "%s::bigint, %s::bigint, %s::bigint, %s::bigint, %s, %s::uuid, %s::uuid, %s, %s"


_START = f"progress_start_v1({_PLACES})"
# A learner that the caller doesn't work with is answered like an unknown course.
_START_OF_KIND = f"""
CASE WHEN EXISTS (SELECT 1 FROM progress_user u WHERE u.id = %s AND u.is_test <> %s)
THEN '{{"refused": "course_id"}}' ELSE {_START} END
"""


@retried
def start(*, now: datetime, of_tests: bool | None = None, **request) -> Started:
    """Start a session, or find the one that its `client_session_id` already named, ended or not.

    Takes the fields of a StartRequest. Other sessions of the learner stay open. `of_tests`: of a
    test learner only, or of a real one only. Raises UnknownItem and LearnerNotEnrolled. One
    statement does it all; the database's functions are made by migration `0033_start_function`.
    """
    wanted = StartRequest(**request)
    parameters = wanted.parameters(now)
    with connection.cursor() as cursor:
        if of_tests is None:
            cursor.execute(f"SELECT {_START}", parameters)
        else:
            cursor.execute(f"SELECT {_START_OF_KIND}", [wanted.user_id, of_tests, *parameters])
        return _started(_decode(cursor.fetchone()[0]))


class NotAllowed(Exception):
    """The key isn't known, or may not start this session as far as can be seen here."""


class Key(NamedTuple):
    """An API key by its digest, what a key with scopes needs, and how often its use is noted."""

    digest: str
    needed_scopes: list[str]
    noted_every: timedelta


def start_by_key(key: Key, request: StartRequest, *, now: datetime) -> tuple[int, Started]:
    """`start` for the holder of an API key; returns also the id of its account.

    One statement, and a transaction of its own. Raises NotAllowed as well.
    """
    with on_primary(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT progress_start_by_key_v2(%s, %s, %s, {_PLACES})",
            [*key, *request.parameters(now)],
        )
        result = _decode_by_key(cursor.fetchone()[0])
    if result.started is None:
        raise NotAllowed
    return result.caller, _started(result.started)


def _started(result: _Result) -> Started:
    if result.session is not None:
        row = parse_row(bytes(result.enrollment).decode())
        return Started(result.session, result.is_new, row)
    if result.refused == "not_enrolled":
        raise LearnerNotEnrolled
    raise UnknownItem(result.refused)


@dataclass(frozen=True, slots=True)
class Ended:
    """An ended session, and what became of the last events, if any were sent along."""

    session: SessionRow
    outcomes: list[Outcome]


def end(
    sessions_allowed: QuerySet[LearningSession],
    session_id,
    raw_events: list,
    *,
    sent_ms: int | None,
    now: datetime,
) -> Ended:
    """Take the last events, then end the session: the first call counts, all return the same.

    A session that has been idle for too long ends as expired, at its last activity. Raises what
    `recording.record` raises.
    """
    delivery = recording.delivery_to(
        sessions_allowed, session_id, raw_events, sent_ms=sent_ms, now=now, ends_session=True
    )
    receipt = recording.record(delivery)
    return Ended(receipt.session, receipt.outcomes)
