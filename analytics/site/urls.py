"""Addresses below the admin's own; the site wraps each view in its permission check."""

from collections.abc import Callable

from django.urls import path

from analytics.alerts import pages as alerts
from analytics.compliance import page as compliance
from analytics.engagement import page as engagement
from analytics.forecast import page as forecast
from analytics.query.page_request import refusing
from analytics.risk import page as risk
from analytics.roi import page as roi
from analytics.site import report_pages as reports

from . import views


def patterns(admit: Callable) -> list:
    """`admit` wraps each view in the site's permission check."""

    def wrap(view: Callable) -> Callable:
        return admit(refusing(view))

    return [
        path("insight/active/", wrap(views.active), name="insight-active"),
        path("insight/courses/<int:course_id>/", wrap(views.course_page), name="insight-course"),
        path(
            "insight/courses/<int:course_id>/learners/<int:learner_id>/",
            wrap(views.learner_page),
            name="insight-learner",
        ),
        path(
            "insight/contents/<int:content_id>/", wrap(views.content_page), name="insight-content"
        ),
        path("insight/engagement/", wrap(engagement.engagement), name="insight-engagement"),
        path("insight/habits/", wrap(engagement.habits), name="insight-habits"),
        path("insight/compliance/", wrap(compliance.page), name="insight-compliance"),
        path("insight/forecast/", wrap(forecast.page), name="insight-forecast"),
        path("insight/return/", wrap(roi.page), name="insight-return"),
        path("insight/risk/", wrap(risk.page), name="insight-risk"),
        path("insight/reports/", wrap(reports.index), name="insight-reports"),
        path("insight/reports/<slug:slug>/", wrap(reports.page), name="insight-report"),
        path("insight/reports/<slug:slug>/save/", wrap(reports.save), name="insight-report-save"),
        path("insight/saved-reports/<int:pk>/delete/", wrap(reports.forget), name="insight-forget"),
        path(
            "insight/reports/<slug:slug>/<slug:ending>/",
            wrap(reports.file),
            name="insight-report-file",
        ),
        path("insight/alerts/", wrap(alerts.alerts), name="insight-alerts"),
        path("insight/alerts/write/", wrap(alerts.write), name="insight-write"),
        path("insight/alerts/digest/", wrap(alerts.choose_digest), name="insight-alert-digest"),
    ]
