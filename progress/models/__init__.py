"""The tables of this app, by subject. Progress is written by `progress.ingest` only."""

from .accommodations import Accommodation
from .catalogue import Content, Course, Module
from .changes import RowChange
from .erasures import Erasure
from .idempotency import KeptAnswer
from .keys import KeyDetails
from .mail import OutgoingMail
from .notes import Note
from .operation import Drift, EvidenceExport, Job, OutboxMessage, SetAside
from .outside import OutsideCompletion, fulfilled_outside
from .own_data import OwnDataCopy
from .past import PastSpans
from .people import Enrollment, User, possible_learners
from .questions import Choice, Question
from .quizzes import QuizAnswer, QuizAttempt, Regrade
from .reminders import StudyReminder
from .search import IndexedContent, Passage
from .sign_ins import SignIn
from .teams import has_team, looks_after, team_of
from .tracking import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    LearningSession,
)
from .waivers import Waiver

__all__ = [
    "Accommodation",
    "Choice",
    "Content",
    "ContentInteraction",
    "ContentProgress",
    "Course",
    "CourseProgress",
    "Drift",
    "Enrollment",
    "Erasure",
    "EvidenceExport",
    "IndexedContent",
    "Job",
    "KeptAnswer",
    "KeyDetails",
    "LearningSession",
    "Module",
    "Note",
    "OutboxMessage",
    "OutgoingMail",
    "OutsideCompletion",
    "OwnDataCopy",
    "Passage",
    "PastSpans",
    "Question",
    "QuizAnswer",
    "QuizAttempt",
    "Regrade",
    "RowChange",
    "SetAside",
    "SignIn",
    "StudyReminder",
    "User",
    "Waiver",
    "fulfilled_outside",
    "has_team",
    "looks_after",
    "possible_learners",
    "team_of",
]
