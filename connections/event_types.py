"""The types of events, in the order in which several of one transaction are delivered."""

from functools import cache

ALL = "*"
PING = "ping"
PROGRESS_UPDATED = "progress.updated"
PEOPLE = "progress.view_user"
# The permission that shows the rows behind a type, as everywhere else.
TYPES = {
    "learner.created": PEOPLE,
    "enrollment.created": "progress.view_enrollment",
    PROGRESS_UPDATED: "progress.view_courseprogress",
    "content.completed": "progress.view_courseprogress",
    "module.completed": "progress.view_courseprogress",
    "course.completed": "progress.view_courseprogress",
    "session.ended": "progress.view_learningsession",
    "certificate.issued": "certificates.view_certificate",
    "certificate.revoked": "certificates.view_certificate",
    "certificate.expiring": "certificates.view_certificate",
    "alert.opened": "progress.view_courseprogress",
    "alert.closed": "progress.view_courseprogress",
    "enrollment.due": "progress.view_enrollment",
    "enrollment.overdue": "progress.view_enrollment",
    "learner.deactivated": PEOPLE,
}
RANK = {name: place for place, name in enumerate(TYPES)}


@cache
def by_permission() -> dict[str, list[str]]:
    """The types that each permission shows."""
    found: dict[str, list[str]] = {}
    for name, permission in TYPES.items():
        found.setdefault(permission, []).append(name)
    return found
