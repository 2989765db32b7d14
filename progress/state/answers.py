"""The shapes of what answers, pushes and snapshots show of a learner's progress.

mypy holds the functions that build them to these types (`payloads`, `waivers`, `folding`), and the
API's description is made from them (`progress.api.described`). A text beside a type describes the
field.
"""

from datetime import datetime
from typing import Annotated, Literal, NotRequired, TypedDict

from progress.models import Waiver
from progress.rules.grading import AnswerPart

from .structure import ExtentUnit

SpanList = list[list[float]]
RemainingReason = Literal["not_started", "in_progress", "quiz_not_passed", "locked", "not_released"]


class ResumeAnswer(TypedDict):
    content_id: int
    position: float
    updated_at: datetime


class CertificateAnswer(TypedDict):
    number: str
    verify_url: str
    pdf_url: str | None
    status: Literal["pending", "issued", "under_review", "revoked", "expired", "superseded"]


# --- Contents ------------------------------------------------------------------------------------
class QuizStateAnswer(TypedDict):
    """How much of a quiz is answered, and, separately, whether it is passed."""

    answered: Annotated[int, "Questions answered, in the attempt that answered the most."]
    question_count: int
    pass_percentage: float | None
    best_score: Annotated[float | None, "Null before a submission."]
    passed: Annotated[bool, "Without a pass mark: submitted."]


class ContentStateAnswer(TypedDict):
    content_id: int
    completion_percentage: float
    is_complete: bool
    is_waived: Annotated[bool, "Not complete, and need not be: it still counts in the percentages."]
    time_spent_seconds: float
    last_position: float | None
    quiz: NotRequired[Annotated[QuizStateAnswer, "Of quizzes only."]]


class TouchedContentAnswer(ContentStateAnswer):
    module_id: int


class ContentEntryAnswer(ContentStateAnswer):
    title: str
    content_type: str
    required: bool


class WaiverAnswer(TypedDict):
    content_id: int
    title: str
    reason: Waiver.Reason
    because_content_id: Annotated[
        int, "The pre-test that was passed, or the alternative that was completed."
    ]
    because_title: str
    score: Annotated[float | None, "In the pre-test, percent."]
    granted_at: Annotated[
        datetime | None, "Null until the course was refolded after its author's change."
    ]


class QuestionAnswer(TypedDict):
    question_id: int
    revision: int
    answer: list[AnswerPart]
    time_seconds: float
    is_correct: NotRequired[Annotated[bool, "After submission."]]
    correct: NotRequired[Annotated[list[AnswerPart], "After a pass, or after the last attempt."]]


class AttemptAnswer(TypedDict):
    attempt: int
    started_at: datetime
    ends_at: Annotated[datetime | None, "Of an attempt with a time limit."]
    submitted_at: datetime | None
    score: float | None
    passed: bool | None
    time_seconds: float
    answers: list[QuestionAnswer]


class AskedAnswer(TypedDict):
    """What to show a learner now: the questions in the order in which the attempt asks them."""

    attempt: int
    questions: Annotated[
        list[int], "Empty as long as an attempt with a time limit has not begun (`begin`)."
    ]
    ends_at: Annotated[datetime | None, "Answers count until then; null without a limit."]


class QuizProgressAnswer(QuizStateAnswer):
    """The same, with each attempt."""

    max_attempts: int | None
    time_limit_seconds: Annotated[
        int | None, "Of an attempt of this quiz, before what this learner has in addition."
    ]
    asks: Annotated[
        AskedAnswer | None,
        "The questions of the open attempt, else of the next one; null if there is none left.",
    ]
    attempts: list[AttemptAnswer]


class ContentProgressAnswer(TypedDict):
    user_id: int
    content_id: int
    content_type: str
    completion_source: Literal["measured", "reported"]
    completion_percentage: float
    is_complete: bool
    completed_at: datetime | None
    is_waived: bool
    waiver: WaiverAnswer | None
    time_spent_seconds: float
    last_position: float | None
    view_count: int
    play_count: int
    pause_count: int
    seek_count: int
    download_count: int
    replayed_seconds: float
    withheld_seconds: float
    covered: SpanList
    missing: SpanList
    extent: float | None
    extent_unit: ExtentUnit | None
    quiz: QuizProgressAnswer | None


# --- A course ------------------------------------------------------------------------------------
class ModuleFoldAnswer(TypedDict):
    """A module's percentage, as it is also stored with a learner's progress."""

    completion_percentage: float
    is_complete: bool


class ModuleStateAnswer(ModuleFoldAnswer):
    module_id: int


class ModuleAnswer(ModuleStateAnswer):
    title: str
    is_applicable: bool
    time_spent_seconds: float
    contents: list[ContentEntryAnswer]


class RemainingAnswer(TypedDict):
    content_id: int
    module_id: int
    title: str
    reason: RemainingReason
    completion_percentage: float
    needed_percentage: float
    missing: SpanList
    or_instead: Annotated[list[int], "Contents of which any one is enough instead."]
    best_score: NotRequired[float]
    quiz: NotRequired[Annotated[QuizStateAnswer, "Of quizzes only."]]


class AdditionAnswer(TypedDict):
    content_id: int
    module_id: int
    title: str


class CourseSnapshot(TypedDict):
    """A course as anyone sees it who may: without the address of a stream."""

    user_id: int
    course_id: int
    enrollment_id: int
    cycle: int
    as_of: datetime
    completion_percentage: float
    is_complete: bool
    completed_at: datetime | None
    time_spent_seconds: float
    time_spent_minutes: float
    current_module_id: int | None
    session_start_time: datetime | None
    total_sessions: int
    avg_session_duration: Annotated[float, "Minutes, over ended sessions."]
    resume: ResumeAnswer | None
    modules: list[ModuleAnswer]
    remaining: list[RemainingAnswer]
    new_since_completion: list[AdditionAnswer]
    waivers: list[WaiverAnswer]
    certificate: CertificateAnswer | None


class CourseProgressAnswer(CourseSnapshot):
    stream_url: str


# --- Answers to a batch, and pushes --------------------------------------------------------------
class CourseStateAnswer(TypedDict):
    course_id: int
    completion_percentage: float
    is_complete: bool
    time_spent_seconds: float
    event_count: Annotated[
        int, "Events delivered so far. The higher of two is the newer answer or push."
    ]


class LiveAnswer(TypedDict):
    contents: list[TouchedContentAnswer]
    modules: list[ModuleStateAnswer]
    course: CourseStateAnswer
    certificate: CertificateAnswer | None
