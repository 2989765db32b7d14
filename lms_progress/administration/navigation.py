"""The sidebar: the pages that a user may open, grouped by purpose."""

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from analytics.query.scope import may_look_at_learners
from analytics.reporting import registry
from connections.admin import inspector
from progress.admin import importing


def may_see_progress(user) -> bool:
    return user.has_perm("progress.view_courseprogress")


def may_build_courses(user) -> bool:
    return user.has_perm("progress.add_course") or user.has_perm("progress.change_course")


TEACHING, LEARNERS, ALERTS, CERTIFICATES, CONNECTIONS, OPERATION, ACCESS = (
    _("Courses"),
    _("Learners"),
    _("Alerts"),
    _("Certificates"),
    _("Connections"),
    _("Operation"),
    _("Access"),
)
# In this order. Models that aren't named come last, under their application's name.
SECTIONS = {
    "progress.course": (TEACHING, "school"),
    "progress.module": (TEACHING, "folder_open"),
    "progress.content": (TEACHING, "play_lesson"),
    "progress.question": (TEACHING, "quiz"),
    "progress.choice": (TEACHING, "checklist"),
    "progress.user": (LEARNERS, "group"),
    "progress.accommodation": (LEARNERS, "more_time"),
    "progress.enrollment": (LEARNERS, "how_to_reg"),
    "progress.courseprogress": (LEARNERS, "trending_up"),
    "progress.contentprogress": (LEARNERS, "stacked_bar_chart"),
    "progress.learningsession": (LEARNERS, "schedule"),
    "progress.quizattempt": (LEARNERS, "fact_check"),
    "progress.waiver": (LEARNERS, "alt_route"),
    "progress.outsidecompletion": (LEARNERS, "history_edu"),
    "progress.quizanswer": (LEARNERS, "rule"),
    "progress.regrade": (LEARNERS, "published_with_changes"),
    "progress.contentinteraction": (LEARNERS, "receipt_long"),
    "analytics.alertthresholds": (ALERTS, "tune"),
    "analytics.outreachtemplate": (ALERTS, "drafts"),
    "analytics.outreach": (ALERTS, "outgoing_mail"),
    "certificates.certificate": (CERTIFICATES, "workspace_premium"),
    "certificates.design": (CERTIFICATES, "palette"),
    "certificates.validity": (CERTIFICATES, "event_available"),
    "certificates.review": (CERTIFICATES, "search_insights"),
    "certificates.revocation": (CERTIFICATES, "block"),
    "certificates.reminder": (CERTIFICATES, "notifications"),
    "connections.endpoint": (CONNECTIONS, "webhook"),
    "connections.delivery": (CONNECTIONS, "send"),
    "connections.event": (CONNECTIONS, "bolt"),
    "progress.job": (OPERATION, "monitor_heart"),
    "progress.drift": (OPERATION, "difference"),
    "progress.setaside": (OPERATION, "pan_tool"),
    "progress.outboxmessage": (OPERATION, "outbox"),
    "progress.outgoingmail": (OPERATION, "mail"),
    "progress.evidenceexport": (OPERATION, "archive"),
    "progress.erasure": (OPERATION, "delete_sweep"),
    "analytics.requirement": (LEARNERS, "assignment_turned_in"),
    "analytics.exemption": (LEARNERS, "event_busy"),
    "analytics.escalation": (LEARNERS, "forward_to_inbox"),
    "analytics.hourlyrate": (OPERATION, "euro"),
    "django_celery_beat.periodictask": (OPERATION, "event_repeat"),
    "auth.group": (ACCESS, "groups"),
    "knox.authtoken": (ACCESS, "key"),
    "socialaccount.socialaccount": (ACCESS, "link"),
    "axes.accessattempt": (ACCESS, "lock"),
}


# Pages of the first group after the overview: (title, URL name, icon, who may open it).
PAGES: tuple[tuple, ...] = (
    (_("Alerts"), "insight-alerts", "notifications_active", may_look_at_learners),
    (_("Engagement"), "insight-engagement", "favorite", may_see_progress),
    (_("When and how people learn"), "insight-habits", "calendar_month", may_see_progress),
    (_("Compliance"), "insight-compliance", "verified_user", may_look_at_learners),
    (_("Who will be late"), "insight-forecast", "event_upcoming", may_look_at_learners),
    (_("Cost and return"), "insight-return", "payments", may_see_progress),
    (_("How well risk is predicted"), "insight-risk", "target", may_see_progress),
    (_("Reports"), "insight-reports", "table_chart", lambda user: bool(registry.open_to(user))),
    (_("Event inspector"), "inspector", "troubleshoot", inspector.is_in_menu),
    (_("Import"), "imports", "upload_file", lambda user: bool(importing.openable(user))),
)
APPLICATION_SECTIONS = {
    "django_celery_beat": OPERATION,
    "axes": ACCESS,
    "certificates": CERTIFICATES,
}


def sidebar(request: HttpRequest) -> list[dict]:
    """Groups of links: `{"title", "items": [{"title", "link", "icon", "active"}], …}`, no empty
    one."""
    groups: dict = defaultdict(list)
    if may_build_courses(request.user):
        groups[TEACHING].append(_link(request, _("Build courses"), "authoring", "construction"))
    for group, link in _lists(request):
        groups[group].append(link)
    named = [{"title": title, "items": items} for title, items in groups.items()]
    return [{"items": list(_pages(request))}, *named]


class _Group(NamedTuple):
    title: str
    links: "tuple[_Link, ...]"


class _Link(NamedTuple):
    title: str
    url: str
    icon: str
    is_active: bool


def html(groups: list[dict]) -> SafeString:
    """The sidebar's links. The same links, in one language, are rendered once for all requests."""
    return _rendered(
        tuple(
            _Group(
                str(group.get("title", "")),
                tuple(
                    _Link(str(item["title"]), item["link"], item["icon"], item["active"])
                    for item in group["items"]
                ),
            )
            for group in groups
        )
    )


@lru_cache(maxsize=200)
def _rendered(groups: tuple[_Group, ...]) -> SafeString:
    return render_to_string("admin/sidebar_links.html", {"groups": groups})


def _pages(request: HttpRequest):
    """Yields the pages other than lists that the user may open."""
    yield _link(request, _("Overview"), "admin:index", "home")
    for title, name, icon, may_open in PAGES:
        if may_open(request.user):
            yield _link(request, title, f"admin:{name}", icon)


def _lists(request: HttpRequest):
    """Yields (group, link) of the lists that the user may open, in the order of `SECTIONS`.

    The same as Django's list of applications has; that one asks for five permissions of each model,
    most of them for buttons which no sidebar has.
    """
    opened = [
        model
        for model, page in admin.site._registry.items()
        if page.has_view_or_change_permission(request) and page.has_module_permission(request)
    ]
    for model in sorted(opened, key=_position):
        meta = model._meta
        group, icon = SECTIONS.get(meta.label_lower) or (_group(meta.app_label), "list_alt")
        name = f"admin:{meta.app_label}_{meta.model_name}_changelist"
        yield group, _link(request, capfirst(meta.verbose_name_plural), name, icon)


def _link(request: HttpRequest, title, name: str, icon: str) -> dict:
    link = _address(name, get_script_prefix())
    # A list's link is active on the pages of its rows, too; the overview's on none but its own.
    is_active = link == request.path or (name != "admin:index" and link in request.path)
    return {"title": title, "link": link, "icon": icon, "active": is_active}


@lru_cache(maxsize=1000)
def _address(name: str, prefix: str) -> str:
    """Kept, as every page has the same sixty links."""
    return reverse(name)


def _position(model) -> tuple:
    """By `SECTIONS`, then as Django sorts its applications and their models."""
    meta = model._meta
    place = _PLACES.get(meta.label_lower)
    if place is not None:
        return (place,)
    application = apps.get_app_config(meta.app_label).verbose_name
    return len(_PLACES), str(application).lower(), capfirst(meta.verbose_name_plural)


_PLACES = {label: place for place, label in enumerate(SECTIONS)}


def _group(app_label: str):
    return APPLICATION_SECTIONS.get(app_label, apps.get_app_config(app_label).verbose_name)
