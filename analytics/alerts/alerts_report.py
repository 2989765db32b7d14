"""The report of all alerts in a period, for files and the API."""

from django.utils.translation import gettext_lazy as _

from analytics.models import Alert, AlertKind
from analytics.query.filters import ExtraFilter
from analytics.query.people import learner_url
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows

from . import texts
from .board import visible


def _rows(query: ReportQuery) -> Rows:
    """Returns alerts opened in the period, newest first."""
    alerts = visible(query.reader, query.filters.courses).filter(
        query.filters.period.contains("opened_at")
    )
    extra = {name: value for name, value in query.filters.extra.items() if value}
    return (
        query.filters.apply(alerts)
        .filter(**extra)
        .order_by("-opened_at", "-pk")
        .values_list(
            "pk",
            "user__full_name",
            "user__username",
            "user__department",
            "course__title",
            "kind",
            "since",
            "facts",
            "state",
            "assigned_to__full_name",
            "assigned_to__username",
            "opened_at",
            "closed_at",
            "course_id",
            "user_id",
        )
    )


def _report_row(row: tuple) -> tuple:
    pk, name, username, department, course, kind, since, facts, state, *rest = row
    assignee, assignee_username, opened_at, closed_at = rest[:4]
    return (
        pk,
        name or username,
        username,
        department,
        course,
        kind,
        str(AlertKind(kind).label),
        texts.why(Alert(kind=kind, since=since, facts=facts)),
        str(Alert.State(state).label),
        assignee or assignee_username or "",
        since,
        opened_at,
        closed_at,
    )


ALERTS = Report(
    slug="alerts",
    for_managers=True,
    title=_("Alerts"),
    group=_("Alerts"),
    description=_("Every alert that opened in this period, and its current state."),
    columns=[
        Column("alert_id", _("Number"), Kind.NUMBER, off_page=True),
        *columns.LEARNER_IN_COURSE,
        Column("kind", _("Kind"), off_page=True),
        Column("alert", _("Alert")),
        Column("why", _("Why")),
        Column("state", _("State")),
        Column("assigned_to", _("Assigned to")),
        Column("since", _("Since"), Kind.MOMENT, _("When the cause began.")),
        Column("opened_at", _("Opened"), Kind.MOMENT),
        Column("closed_at", _("Closed"), Kind.MOMENT),
    ],
    rows=_rows,
    extra_filters={
        "kind": ExtraFilter(_("Kind"), _("All kinds"), AlertKind.choices),
        "state": ExtraFilter(_("State"), _("All states"), Alert.State.choices),
    },
    to_row=_report_row,
    link=lambda row: learner_url(row[-2], row[-1]),
)
