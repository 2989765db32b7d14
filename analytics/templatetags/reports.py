"""Ways from a page to reports."""

from django import template
from django.http import QueryDict
from django.urls import reverse

register = template.Library()


@register.simple_tag
def report_url(slug: str, query: str = "", ending: str = "", **also: object) -> str:
    """Where a report is, or its file, narrowed as a page's `query` is: by what the report knows of
    it, since it refuses what it doesn't know. `also` narrows further; None leaves one out."""
    # Not at the top: tags are read while the admin's widgets are still being imported.
    from analytics.reporting.saving import kept
    from analytics.site import registry

    report = registry.named(slug)
    assert report, slug
    asked = QueryDict(query, mutable=True)
    for name, value in also.items():
        if value is not None:
            asked[name] = str(value)
    way = [slug, ending] if ending else [slug]
    address = reverse("admin:insight-report-file" if ending else "admin:insight-report", args=way)
    narrowed = kept(asked.urlencode(), report)
    return f"{address}?{narrowed}" if narrowed else address
