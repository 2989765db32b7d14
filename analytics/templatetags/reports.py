"""Links from a page to reports."""

from django import template
from django.http import QueryDict
from django.urls import reverse

from analytics.reporting import registry

register = template.Library()


@register.simple_tag
def report_url(slug: str, query: str = "", ending: str = "", **also: object) -> str:
    """The address of a report, or of its file, with those filters of a page's `query` that the
    report has, since it refuses others. `also` sets more filters; None removes one."""
    report = registry.named(slug)
    assert report, slug
    given = QueryDict(query, mutable=True)
    for name, value in also.items():
        if value is not None:
            given[name] = str(value)
    way = [slug, ending] if ending else [slug]
    address = reverse("admin:insight-report-file" if ending else "admin:insight-report", args=way)
    filters = report.filters_in(given.urlencode())
    return f"{address}?{filters}" if filters else address
