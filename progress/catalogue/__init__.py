"""The catalogue: one nested course document in, the same document out. The only writer of it."""

from .document import CourseDocument
from .showing import course_document
from .writing import replace_course

__all__ = ["CourseDocument", "course_document", "replace_course"]
