"""The catalogue: one nested course document in, the same document out. The only writer of it."""

from .document import CourseDocument
from .editing import CourseProblem, CourseRefused, add_course, editing, problems_of
from .showing import course_document
from .words import reading_seconds
from .writing import replace_course

__all__ = [
    "CourseDocument",
    "CourseProblem",
    "CourseRefused",
    "add_course",
    "course_document",
    "editing",
    "problems_of",
    "reading_seconds",
    "replace_course",
]
