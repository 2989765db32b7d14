"""Media that are shorter than their course says: many learners reach one point, none more."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from progress.models import Content

from .structure import MEDIA

LEARNERS = 3
TOLERANCE_MS = 1000

# The learners whose coverage ends within a second of the furthest: all, and those not complete.
_ENDS = """
WITH ends AS (
    SELECT upper(coverage) AS reached, completed_at
      FROM progress_contentprogress AS own
     WHERE content_id = %(content)s AND media_version = %(version)s AND NOT isempty(coverage)
       AND NOT EXISTS (SELECT 1 FROM progress_user u WHERE u.id = own.user_id AND u.is_test)
), furthest AS (
    SELECT max(reached) AS reached FROM ends
)
SELECT furthest.reached, count(ends.*), count(ends.*) FILTER (WHERE ends.completed_at IS NULL)
  FROM furthest LEFT JOIN ends ON ends.reached >= furthest.reached - %(tolerance)s
 GROUP BY furthest.reached
"""


@dataclass(frozen=True, slots=True)
class ShortMedium:
    """The likely length, how many learners have reached it, and how many of them aren't done."""

    length_ms: int
    learners: int
    incomplete: int


def find(content: Content) -> ShortMedium | None:
    """None where the length may be right, or too few learners have come that far. One statement."""
    if content.content_type not in MEDIA or content.duration_ms is None or content.is_reported:
        return None
    with connection.cursor() as cursor:
        parameters = {"content": content.pk, "version": content.media_version}
        cursor.execute(_ENDS, parameters | {"tolerance": TOLERANCE_MS})
        reached, learners, incomplete = cursor.fetchone() or (None, 0, 0)
    if reached is None or learners < LEARNERS or content.duration_ms - reached <= TOLERANCE_MS:
        return None
    return ShortMedium(reached, learners, incomplete)


def warning(content: Content) -> str:
    """The warning to its author; "" where there is no reason for one."""
    found = find(content)
    if found is None:
        return ""
    return _(
        "%(learners)s learners have reached %(reached)s s, and nobody has gone further: the "
        "medium is probably shorter than the %(length)s s stated in the course. %(incomplete)s "
        "of them haven’t completed it. Correct the length, and they will be measured by it."
    ) % {
        "learners": found.learners,
        "reached": f"{found.length_ms / 1000:g}",
        "length": f"{(content.duration_ms or 0) / 1000:g}",
        "incomplete": found.incomplete,
    }
