"""What the address of a request asks of a report, or of a page or API with a report's filters."""

from collections.abc import Collection

from django.utils import timezone

from analytics.query.api_request import check
from analytics.query.filters import chosen
from analytics.query.scope import titles_for

from .report import Asked, Report


def asked_by(request, report: Report | None = None) -> Asked:
    """What the address asks for, among the courses that the reader may look at; not checked."""
    courses = titles_for(request.user)
    narrowed = report.narrowed(request.GET, courses) if report else chosen(request.GET, courses)
    return Asked(request.user, narrowed, timezone.now())


def asked_of(request, report: Report | None = None, *, also: Collection[str] = ()) -> Asked:
    """The same for the API. Raises ValidationError for an unknown or invalid filter, by its name.

    `also` are parameters that are accepted besides filters.
    """
    asked = asked_by(request, report)
    check(asked.chosen.form, request, also)
    return asked
