"""Everything that can be imported, by the name that commands and addresses use."""

from .courses import COURSES
from .enrollments import ENROLLMENTS
from .people import PEOPLE

KINDS = {kind.slug: kind for kind in (PEOPLE, ENROLLMENTS, COURSES)}
