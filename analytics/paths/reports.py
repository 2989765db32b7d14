"""The waivers of learners and their reasons, as a table."""

from django.utils.translation import gettext_lazy as _

from analytics.query.filters import AS_OF_NOW
from analytics.query.people import learner_url
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows
from progress.models import Waiver


def _rows(query: ReportQuery) -> Rows:
    """Of current enrolments, declined ones too."""
    rows = Waiver.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    ).order_by("-granted_at", "-pk")
    return query.filters.apply(rows, course="enrollment__course").values_list(
        "pk",
        "user__full_name",
        "user__username",
        "user__email",
        "user__department",
        "enrollment__course__title",
        "content__title",
        "reason",
        "because__title",
        "score_bp",
        "granted_at",
        "declined_at",
        "enrollment__course_id",
        "user_id",
    )


def _to_row(row: tuple) -> tuple:
    pk, name, username, *place, content, reason, because, score_bp, granted, declined = row[:12]
    why = dict(Waiver.Reason.choices)[reason]
    score = None if score_bp is None else score_bp / 100
    return (pk, name or username, username, *place, content, why, because, score, granted, declined)


WAIVERS = Report(
    slug="waivers",
    for_managers=True,
    title=_("Waivers"),
    group=_("Progress"),
    description=_(
        "What learners need not do, because a pre-test was passed or an alternative completed."
    ),
    columns=[
        Column("waiver_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.LEARNER,
        columns.USERNAME,
        columns.EMAIL,
        columns.DEPARTMENT,
        columns.COURSE,
        Column("content", _("Not needed")),
        Column("reason", _("Why")),
        Column("because", _("By")),
        Column("score", _("Score"), Kind.PERCENT, _("In the pre-test.")),
        Column("granted_at", _("Since"), Kind.MOMENT),
        Column("declined_at", _("Declined"), Kind.MOMENT, _("Learned anyway.")),
    ],
    rows=_rows,
    filters=AS_OF_NOW,
    to_row=_to_row,
    link=lambda row: learner_url(row[-2], row[-1]),
)
