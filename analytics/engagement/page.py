"""Two pages of the admin: engagement, and when and how people learn."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.query import activity, page_request
from analytics.query.scope import titles_for
from progress.operations.replica import on_replica
from progress.pages.zone import in_own_zone

from . import patterns, presentation, queries
from .ranking import SHOWN, Improvement, Ranked, improvements, ranked


@in_own_zone
def engagement(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filters = page_request.filters_of(request, titles_for(request.user))
    with on_replica():
        contents = queries.content_engagement(filters, now)
        found, first = ranked(contents), improvements(contents)
        shown = {
            "filters": filters.form,
            "sentence": _sentence(found, first),
            "improvements": first,
            "most": found[:SHOWN],
            # No content is in both lists.
            "least": found[max(len(found) - SHOWN, SHOWN) :][::-1],
            "unscored": len(contents) - len(found),
            "has_attention": not (filters.department or filters.cohort),
            "now": now,
        }
        return _page(request, "dashboards/engagement.html", _("Engagement"), shown)


def _sentence(found: list[Ranked], first: list[Improvement]) -> str:
    if not found:
        return _("No content has been begun by five learners yet.")
    if not first:
        return _("Nobody left anything unfinished.")
    text = _("Improve ‘%(title)s’ first: %(reason)s")
    return text % {"title": first[0].ranked.content.title, "reason": first[0].reasons[0]}


@in_own_zone
def habits(request: HttpRequest) -> HttpResponse:
    """`?outcome=` is the outcome that habits are compared by."""
    now = timezone.now()
    filters = page_request.filters_of(request, titles_for(request.user), also=("outcome",))
    outcome = page_request.one_of(request, "outcome", queries.OUTCOMES, queries.COMPLETED)
    with on_replica():
        week = queries.week(filters)
        found = queries.habits(filters, now, outcome)
        shown = {
            "filters": filters.form,
            "period": filters.period,
            "kept": {"outcome": outcome},
            "sentence": presentation.busiest(week)
            or _("Shown once five learners have been active."),
            "heatmap": presentation.heatmap(week),
            "outcomes": presentation.OUTCOMES,
            "outcome": outcome,
            "learners": found.total(),
            "patterns": [
                presentation.shown_pattern(pattern) for pattern in patterns.find_patterns(found)
            ],
            "folded_at": activity.folded().first(),
        }
        return _page(request, "dashboards/habits.html", _("When and how people learn"), shown)


def _page(request: HttpRequest, template: str, title: str, shown: dict) -> HttpResponse:
    frame = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, frame | shown).render()
