"""The rows that a learner's progress in a course is computed from, read by one statement.

Their fields are named like the models' columns, so `CourseState` takes either. The function of the
database is made by migration `0027_course_function`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import connection
from msgspec import Struct

from progress.rules.coverage import Spans


class CourseRow(Struct):
    """What `structure_of` takes in place of the model."""

    pk: int
    structure_version: int
    created_at: datetime


class ProgressRow(Struct):
    enrollment_id: int
    course_id: int
    chain_length: int
    completed_at: datetime | None
    time_ms: int
    time_spent_minutes: float
    current_module_id: int | None
    session_start_time: datetime | None
    total_sessions: int
    avg_session_duration: float
    resume_content_id: int | None
    resume_position_milli: int | None
    resume_updated_at: datetime | None
    waived: list[int]
    waivers_declined: list[int]


class ContentRow(Struct, array_like=True):
    content_id: int
    media_version: int
    completion_bp: int
    completed_at: datetime | None
    coverage: Spans
    reported_bp: int
    time_ms: int
    last_position_milli: int | None
    download_count: int
    answered_bp: int
    best_score_bp: int | None


class WaiverRow(Struct, array_like=True):
    content_id: int
    because_id: int
    reason: str
    score_bp: int | None
    granted_at: datetime


class EnrollmentRow(Struct):
    """An enrolment and its progress. `is_open`: it is the current one, of an active learner."""

    pk: int
    user_id: int
    course_id: int
    cycle: int
    is_open: bool
    course: CourseRow
    course_progress: ProgressRow
    contents: list[ContentRow]
    waivers: list[WaiverRow]
    text: str = ""  # all of the above as it was read: equal for equal rows


class Wanted(NamedTuple):
    """A learner's enrolment in a course; without an id, the current one."""

    user_id: int
    course_id: int
    enrollment_id: int | None = None


_decode = msgspec.json.Decoder(EnrollmentRow).decode


def read_courses(wanted: Sequence[Wanted]) -> list[EnrollmentRow | None]:
    """The rows in the order given, in one statement; None for an enrolment that isn't there."""
    if not wanted:
        return []
    calls = ["progress_course_v1(%s, %s, %s)"] * len(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(calls)}", [part for each in wanted for part in each])
        texts = cursor.fetchone()
    return [None if text is None else parse_row(text) for text in texts]


def parse_row(text: str) -> EnrollmentRow:
    """The rows from what the database's function returned."""
    row = _decode(text)
    row.text = text
    return row
