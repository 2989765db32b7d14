"""The pages of the dashboards: filters from the address, figures, and the admin's frame around
them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from analytics.query import activity, page_request
from analytics.query.filters import AS_OF_NOW, MAX_DAYS
from analytics.query.scope import (
    NoCourses,
    content_for,
    enrollment_for,
    seen_by,
    seen_course,
)
from progress.models import Enrollment
from progress.operations.replica import on_replica
from progress.pages.zone import in_own_zone

from . import content, course, learner, overview, roster
from .learner_page import page_context
from .roster import RosterQuery


def first_page(request: HttpRequest, context: dict) -> dict:
    """The admin's first page, for unfold: what its template shows in addition to `context`."""
    try:
        courses = seen_by(request.user)
    except NoCourses:
        raise  # a page of its own says so
    except PermissionDenied:
        # Staff without learners, such as who manages accounts, have the sidebar.
        return context | {"overview": None, "title": _("Overview")}
    now = timezone.now()
    zone = ZoneInfo(request.user.time_zone)
    with timezone.override(zone), on_replica():
        filters = page_request.filters_of(request, courses)
        return context | {
            "title": _("Overview") if courses.whole else _("Team overview"),
            "filters": filters.form,
            "period": filters.period,
            "now": now,
            "zone": zone,
            "overview": overview.overview(filters, request.user, now),
        }


@in_own_zone
def active(request: HttpRequest) -> JsonResponse:
    """`{"active", "as_of"}`: polled by the first page every ten seconds."""
    now = timezone.now()
    filters = page_request.filters_of(request, seen_by(request.user))
    return JsonResponse({"active": activity.active_now(filters, now), "as_of": clock(now)})


def clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M:%S")


@in_own_zone
def course_page(request: HttpRequest, course_id: int) -> HttpResponse:
    now = timezone.now()
    found, seen = seen_course(request.user, course_id)
    with on_replica():
        filters = page_request.filters_of(
            request, seen, has_course=False, allowed=AS_OF_NOW, also=("show", "q", "page")
        )
        page_request.one_of(request, "show", roster.kinds(), "all")
        query = RosterQuery.of(request.GET, request.user)
        shown = {
            "course": found,
            "filters": filters.form,
            "kept": {"show": query.show, "q": query.name},
            "reading": course.insight(found, filters, query, now),
            "files_query": _of_course(request.GET, found.pk),
        }
        return _page(request, "dashboards/course.html", found.title, shown)


def _of_course(given: QueryDict, course_id: int) -> str:
    """The address of a report with the filters of a course's page."""
    query = given.copy()
    for key in ("q", "show", "page"):
        query.pop(key, None)
    query["course"] = str(course_id)
    return query.urlencode()


@in_own_zone
def learner_page(request: HttpRequest, course_id: int, learner_id: int) -> HttpResponse:
    page_request.check(forms.Form(request.GET), request.GET)
    annotations = learner.annotations(request.user)
    enrollment = enrollment_for(request.user, course_id, learner_id, **annotations)
    with on_replica():
        shown = {
            "enrollment": enrollment,
            "course": enrollment.course,
            "learner": enrollment.user,
            "reading": page_context(learner.insight(enrollment, timezone.now()), request.user),
            "files_query": _of_learner(enrollment),
            "reader": request.user,
        }
        name = enrollment.user.get_full_name()
        return _page(request, "dashboards/learner.html", name, shown)


def _of_learner(enrollment: Enrollment) -> str:
    """The filters of a report for a learner's last year in the course."""
    since = timezone.localdate() - timedelta(days=MAX_DAYS - 1)
    query = {
        "course": enrollment.course_id,
        "learner": enrollment.user.username,
        "since": since.isoformat(),
    }
    return urlencode(query)


@in_own_zone
def content_page(request: HttpRequest, content_id: int) -> HttpResponse:
    found = content_for(request.user, content_id)
    own = found.module.course
    with on_replica():
        filters = page_request.filters_of(request, {own.pk: own.title}, has_course=False)
        shown = {
            "content": found,
            "course": own,
            "filters": filters.form,
            "period": filters.period,
            "reading": content.insight(found, filters, timezone.now()),
            "files_query": _of_content(request.GET, found.pk),
        }
        return _page(request, "dashboards/content.html", found.title, shown)


def _of_content(query: QueryDict, content_id: int) -> str:
    kept = {key: query[key] for key in ("department", "cohort") if query.get(key)}
    return urlencode(kept | {"content": content_id})


def _page(request: HttpRequest, template: str, title: str, shown: dict) -> HttpResponse:
    """In the admin's frame; rendered here, while the time zone and the replica are in force."""
    frame = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, frame | shown).render()
