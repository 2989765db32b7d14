"""The filters of a request, for reports and for pages and endpoints with a report's filters."""

from collections.abc import Collection

from django.utils import timezone

from analytics.query.api_request import check
from analytics.query.filters import filters_from
from analytics.query.scope import titles_for

from .report import Report, ReportQuery


def page_report_query(request, report: Report | None = None) -> ReportQuery:
    """The query in a request's address, among the courses the reader may see; not validated."""
    courses = report.courses_of(request.user) if report else titles_for(request.user)
    filters = (
        report.filters_from(request.GET, courses) if report else filters_from(request.GET, courses)
    )
    return ReportQuery(request.user, filters, timezone.now())


def report_query(
    request, report: Report | None = None, *, also: Collection[str] = ()
) -> ReportQuery:
    """The same for the API. Raises ValidationError for an unknown or invalid filter, by its name.

    `also` names further parameters that are accepted.
    """
    query = page_report_query(request, report)
    check(query.filters.form, request, also)
    return query
