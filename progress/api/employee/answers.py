"""The answers of the five endpoints, and their shapes. They are dicts: updates are too frequent for
a serializer."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from django.conf import settings

from progress import live
from progress.ingest import Receipt, Started
from progress.ingest.outcome import EventAnswer
from progress.security import tokens
from progress.state import course_reading
from progress.state.answers import CourseProgressAnswer, LiveAnswer, ResumeAnswer
from progress.state.course_reading import CourseReading


class StartSessionAnswer(TypedDict):
    session_id: UUID
    session_token: str
    user_id: int
    course_id: int
    module_id: int | None
    start_time: datetime
    end_time: datetime | None
    server_time: datetime
    heartbeat_seconds: int
    idle_timeout_seconds: int
    resume: ResumeAnswer | None
    stream_url: str
    course: CourseProgressAnswer


class UpdateProgressAnswer(LiveAnswer):
    session_id: UUID
    server_time: datetime
    events: list[EventAnswer]


class EndSessionAnswer(TypedDict):
    session_id: UUID
    start_time: datetime
    end_time: datetime
    end_reason: Literal["ended", "expired"]
    duration_seconds: float
    active_seconds: float
    idle_seconds: float
    distractions: int
    pages_viewed: int
    videos_watched: int
    quizzes_attempted: int
    events: NotRequired[list[EventAnswer]]


def start_answer(started: Started, now: datetime, *, reader_id: int) -> StartSessionAnswer:
    session = started.session
    [reading] = course_reading.of_rows([started.enrollment], now)
    course = course_answer(reading, reader_id=reader_id)
    claims = tokens.SessionClaims(
        session.pk, session.user_id, session.course_id, session.enrollment_id
    )
    return {
        "session_id": session.pk,
        "session_token": tokens.issue_session_token(claims),
        "user_id": session.user_id,
        "course_id": session.course_id,
        "module_id": session.module_id,
        "start_time": session.start_time,
        "end_time": session.end_time,
        "server_time": now,
        "heartbeat_seconds": settings.HEARTBEAT_SECONDS,
        "idle_timeout_seconds": settings.IDLE_TIMEOUT_SECONDS,
        "resume": course["resume"],
        "stream_url": course["stream_url"],
        "course": course,
    }


def course_answer(reading: CourseReading, *, reader_id: int) -> CourseProgressAnswer:
    """A learner's progress in a course, with the address of a stream for this reader."""
    enrollment = reading.enrollment
    stream = live.stream_url(enrollment.user_id, enrollment.course_id, reader_id=reader_id)
    return {**reading.payload(), "stream_url": stream}


def update_answer(receipt: Receipt, now: datetime) -> UpdateProgressAnswer:
    return {
        "session_id": receipt.session.pk,
        "server_time": now,
        "events": [outcome.as_payload() for outcome in receipt.outcomes],
        **receipt.payload,
    }


def end_answer(receipt: Receipt) -> EndSessionAnswer:
    session = receipt.session
    answer: EndSessionAnswer = {
        "session_id": session.pk,
        "start_time": session.start_time,
        "end_time": session.end_time,
        "end_reason": session.end_reason,
        "duration_seconds": (session.end_time - session.start_time).total_seconds(),
        "active_seconds": session.active_ms / 1000,
        "idle_seconds": session.idle_ms / 1000,
        "distractions": session.distractions,
        "pages_viewed": session.pages_viewed,
        "videos_watched": session.videos_watched,
        "quizzes_attempted": session.quizzes_attempted,
    }
    if receipt.outcomes:
        answer["events"] = [outcome.as_payload() for outcome in receipt.outcomes]
    return answer
