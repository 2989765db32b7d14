"""The ground floor's tables, by subject. Progress is written by `progress.ingest` only."""

from .catalogue import Choice, Content, Course, Module, Question
from .people import Enrollment, User
from .quizzes import QuizAnswer, QuizAttempt
from .tracking import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    LearningSession,
    OutboxMessage,
)

__all__ = [
    "Choice",
    "Content",
    "ContentInteraction",
    "ContentProgress",
    "Course",
    "CourseProgress",
    "Enrollment",
    "LearningSession",
    "Module",
    "OutboxMessage",
    "Question",
    "QuizAnswer",
    "QuizAttempt",
    "User",
]
