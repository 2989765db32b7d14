"""The catalogue: one nested course document in, the same document out. Its only writer."""

from .document import CourseDocument
from .editing import (
    CourseProblem,
    CourseRefused,
    add_course,
    document_problems,
    editing,
    problems_of,
)
from .export import course_document
from .reading_time import reading_seconds
from .replacing import replace_course

__all__ = [
    "CourseDocument",
    "CourseProblem",
    "CourseRefused",
    "add_course",
    "course_document",
    "document_problems",
    "editing",
    "problems_of",
    "reading_seconds",
    "replace_course",
]
