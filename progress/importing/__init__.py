"""People, enrolments, courses and outside completions from CSV files.

Checked first, then written as a whole.
"""

from .courses import COURSES
from .enrollments import ENROLLMENTS
from .fields import Kind, Problem
from .outside_completions import OUTSIDE_COMPLETIONS
from .people import PEOPLE
from .running import Outcome, run
from .table import Unreadable, read_text

# Everything that can be imported, by its name in commands and URLs.
KINDS = {kind.slug: kind for kind in (PEOPLE, ENROLLMENTS, COURSES, OUTSIDE_COMPLETIONS)}

__all__ = ["KINDS", "Kind", "Outcome", "Problem", "Unreadable", "read_text", "run"]
