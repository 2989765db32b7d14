"""The rows that a batch reads and writes, without Django's model machinery.

Their fields are named like the models' columns, so whatever decides about rows takes either. The
database hands them over as JSON and takes them back as JSON (`store`).
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from progress.rules.coverage import Spans


class CourseRow(Struct):
    """What ingest asks of a course; `structure_of` takes it in place of the model."""

    pk: int
    structure_version: int
    created_at: datetime
    plausibility: str


class SessionRow(Struct):
    """A learning session.

    `open_ends` are where the open sessions of its enrolment stand, itself included.
    """

    session_id: UUID
    enrollment_id: int
    user_id: int
    course_id: int
    start_time: datetime
    last_activity_at: datetime
    end_time: datetime | None = None
    end_reason: str = ""
    active_until: int | None = None
    last_sequence: int | None = None
    active_ms: int = 0
    idle_ms: int = 0
    distractions: int = 0
    pages_viewed: int = 0
    videos_watched: int = 0
    quizzes_attempted: int = 0
    opened: list[int] = field(default_factory=list)
    played: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    elapsed_spans: Spans = ()
    positions: dict[str, list[int | None]] = field(default_factory=dict)
    open_ends: list[int] = field(default_factory=list)

    @property
    def pk(self) -> UUID:
        return self.session_id


class ProgressRow(Struct):
    """An enrolment's progress in its course."""

    enrollment_id: int
    user_id: int
    course_id: int
    chain_length: int
    chain_hash: bytes
    updated_at: datetime
    completion_bp: int = 0
    completed_at: datetime | None = None
    structure_version: int = 0
    module_progress: dict[str, dict] = field(default_factory=dict)
    time_ms: int = 0
    active_spans: Spans = ()
    elapsed_spans: Spans = ()
    past_active_until: int | None = None
    past_elapsed_until: int | None = None
    past_elapsed_ms: int = 0
    coverage_spent_ms: int = 0
    current_module_id: int | None = None
    ended_sessions: int = 0
    ended_ms: int = 0
    resume_content_id: int | None = None
    resume_session: UUID | None = None
    resume_intent_at: datetime | None = None
    resume_position_milli: int | None = None
    resume_updated_at: datetime | None = None
    waived: list[int] = field(default_factory=list)
    waivers_declined: list[int] = field(default_factory=list)

    @property
    def pk(self) -> int:
        return self.enrollment_id


class ContentRow(Struct):
    """An enrolment's progress in one content that a batch names."""

    enrollment_id: int
    content_id: int
    user_id: int
    media_version: int
    first_event_at: datetime
    last_event_at: datetime
    completion_bp: int = 0
    completed_at: datetime | None = None
    coverage: Spans = ()
    dwell_ppm: list[int] | None = None
    reported_bp: int = 0
    replayed_ms: int = 0
    withheld_ms: int = 0
    time_ms: int = 0
    last_position_milli: int | None = None
    last_position_at: datetime | None = None
    last_position_session: UUID | None = None
    last_position_sequence: int | None = None
    view_count: int = 0
    play_count: int = 0
    pause_count: int = 0
    seek_count: int = 0
    download_count: int = 0
    answered_bp: int = 0
    best_score_bp: int | None = None


class OtherContent(Struct, array_like=True):
    """What the fold asks of a content that a batch doesn't name."""

    content_id: int
    completion_bp: int
    completed_at: datetime | None
    best_score_bp: int | None


class EvidenceRow(Struct):
    """One delivered event and what it earned."""

    enrollment_id: int
    user_id: int
    session_id: UUID
    session_started_at: datetime
    content_id: int | None
    chain_index: int
    chain_hash: bytes
    record: str
    event_id: str | None
    fingerprint: bytes
    sequence: int | None
    interaction_type: str
    status: str
    code: str
    received_at: datetime
    occurred_at: datetime
    is_active: bool
    video_position: str | None  # decimals, as the database reads them
    reading_position: str | None
    credited_ms: int
    covered_ms: int
    withheld_ms: int
    withheld_active_ms: int
    withheld_reason: str


class AcceptedEvent(Struct):
    """An event that was accepted before under an id that is sent again."""

    event_id: UUID
    fingerprint: bytes
    record: str


class OpenedRows(Struct):
    """What `progress_open_group_v1` returns for a session: its enrolment's rows, locked."""

    session: SessionRow
    progress: ProgressRow
    course: CourseRow
    is_active: bool
    is_enrolled: bool
    contents: list[ContentRow]
    others: list[OtherContent]
    accepted: list[AcceptedEvent]
