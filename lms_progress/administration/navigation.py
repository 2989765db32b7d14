"""The sidebar: the pages that a user may open, grouped by purpose."""

from collections import defaultdict

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
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
    """Groups of links: `{"title", "items": [{"title", "link", "icon"}], …}`, no empty one."""
    groups: dict = defaultdict(list)
    if may_build_courses(request.user):
        groups[TEACHING].append(
            {"title": _("Build courses"), "link": reverse("authoring"), "icon": "construction"}
        )
    for label, entry, application in sorted(_entries(request), key=_position):
        group, icon = SECTIONS.get(label) or (_group(entry, application), "list_alt")
        groups[group].append({"title": entry["name"], "link": entry["admin_url"], "icon": icon})
    named = [{"title": title, "items": items} for title, items in groups.items()]
    return [{"items": list(_pages(request))}, *named]


def _pages(request: HttpRequest):
    """Yields the pages other than lists that the user may open."""
    yield {"title": _("Overview"), "link": reverse("admin:index"), "icon": "home"}
    for title, name, icon, may_open in PAGES:
        if may_open(request.user):
            yield {"title": title, "link": reverse(f"admin:{name}"), "icon": icon}


def _entries(request: HttpRequest):
    """Yields (label, entry, application) of the lists that the user may open."""
    for application in admin.site.get_app_list(request):
        for entry in application["models"]:
            if entry["admin_url"]:
                yield entry["model"]._meta.label_lower, entry, application


def _position(found: tuple) -> int:
    order = list(SECTIONS)
    return order.index(found[0]) if found[0] in order else len(order)


def _group(entry: dict, application: dict):
    return APPLICATION_SECTIONS.get(entry["model"]._meta.app_label, application["name"])
