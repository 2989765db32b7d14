"""Ways from a page to reports."""

from django import template
from django.http import QueryDict
from django.urls import reverse

from analytics.reporting import registry

register = template.Library()


@register.simple_tag
def report_url(slug: str, query: str = "", ending: str = "", **also: object) -> str:
    """Where a report is, or its file, narrowed as a page's `query` is: by what the report knows of
    it, since it refuses what it doesn't know. `also` narrows further; None leaves one out."""
    report = registry.named(slug)
    assert report, slug
    asked = QueryDict(query, mutable=True)
    for name, value in also.items():
        if value is not None:
            asked[name] = str(value)
    way = [slug, ending] if ending else [slug]
    address = reverse("admin:insight-report-file" if ending else "admin:insight-report", args=way)
    filters = report.filters_in(asked.urlencode())
    return f"{address}?{filters}" if filters else address
