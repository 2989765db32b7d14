"""The report of what followed letters to learners, compared with similar learners without one.

It has counts and an interval of their difference, and doesn't claim that the letter is the cause.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from analytics.models import Alert, AlertKind, Outreach
from analytics.query.filters import Filters
from analytics.query.intervals import newcombe_paired
from analytics.query.minimum_sample import is_enough
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows
from progress.models import LearningSession

from .alerts_report import ALERTS
from .matched_pairs import AlertHistory, Pair, pairs

ALL_COURSES, ALL_KINDS = _("All courses"), _("All kinds")


def alert_histories(filters: Filters) -> list[AlertHistory]:
    """Returns alerts with a letter in the period, and alerts of learners who never got one.

    Three queries. Only courses and kinds with a letter: the others have nothing to compare.
    """
    sent = Outreach.objects.filter(sent_at__isnull=False)
    lately = sent.filter(filters.period.contains("sent_at"))
    alerts = filters.apply(Alert.objects.all())
    written_about = alerts.filter(pk__in=lately.values("alert")).order_by()
    compared = set(written_about.values_list("course_id", "kind"))
    has_letter = Q(enrollment__in=sent.values("alert__enrollment"))
    rows = list(
        alerts.filter(
            course__in={course for course, _ in compared}, kind__in={kind for _, kind in compared}
        )
        .filter(Q(pk__in=lately.values("alert")) | ~has_letter)
        .annotate(letter_at=Min("outreach__sent_at"))
        .order_by("pk")
        .values_list(
            "enrollment_id",
            "course_id",
            "kind",
            "user_id",
            "enrollment__enrolled_at",
            "opened_at",
            "closed_at",
            "letter_at",
        )
    )
    rows = [row for row in rows if (row[1], row[2]) in compared]
    sessions = _sessions({row[0] for row in rows})
    return [AlertHistory(*row[1:], sessions=sessions.get(row[0], ())) for row in rows]


def _sessions(enrollment_ids: set[int]) -> dict[int, list[datetime]]:
    found = LearningSession.objects.filter(enrollment__in=enrollment_ids).order_by()
    begun = ArrayAgg("start_time", order_by="start_time")
    return dict(found.values_list("enrollment_id").annotate(begun=begun))


# --- As a report ---------------------------------------------------------------------------------
Group = tuple[str, str, list[Pair]]


def rows(query: ReportQuery) -> Rows:
    """Returns all together, by kind, and by course and kind; groups below five without figures."""
    found = pairs(alert_histories(query.filters), query.now)
    if not found:
        return []
    kinds = [
        (str(ALL_COURSES), str(kind.label), of_kind)
        for kind in AlertKind
        if (of_kind := [pair for pair in found if pair.kind == kind])
    ]
    groups = [(str(ALL_COURSES), str(ALL_KINDS), found), *kinds]
    if len({pair.course_id for pair in found}) > 1:
        for _all, kind, of_kind in kinds:
            groups += _by_course(kind, of_kind, query.filters.courses)
    return [_row(group) for group in groups]


def _by_course(kind: str, of_kind: list[Pair], titles: Mapping[int, str]) -> list[Group]:
    return [
        (title, kind, here)
        for course_id, title in titles.items()
        if (here := [pair for pair in of_kind if pair.course_id == course_id])
    ]


def people(group: list[Pair]) -> int:
    """Returns the number of learners on the smaller side of a group."""
    return min(
        len({pair.written_to for pair in group}), len({pair.compared_with for pair in group})
    )


def _row(group: Group) -> tuple:
    course, kind, found = group
    if not is_enough(people(found)):
        return (course, kind, *[None] * 7)
    count = len(found)
    seen = Counter((pair.resumed, pair.compared_resumed) for pair in found)
    both, only_resumed, only_compared = seen[True, True], seen[True, False], seen[False, True]
    resumed, compared = both + only_resumed, both + only_compared
    difference = newcombe_paired(both, only_resumed, only_compared, seen[False, False])
    return (
        course,
        kind,
        count,
        resumed,
        _points(resumed / count),
        compared,
        _points(compared / count),
        _points(difference.low),
        _points(difference.high),
    )


def _points(share: float) -> int:
    return round(share * 100)


EFFECT = Report(
    slug="outreach-effect",
    title=_("After letters to learners"),
    group=_("Alerts"),
    description=_(
        "Who came back within seven days of a letter, compared with similar learners without one."
        " Staff choose who to write to, so a difference may have other reasons."
    ),
    columns=[
        columns.COURSE,
        Column("kind", _("Alert")),
        Column(
            "pairs",
            _("Pairs"),
            Kind.NUMBER,
            _(
                "Letters from this period whose seven days are over, each paired with the most "
                "similar alert: the same course and kind, a similar time without activity, and no "
                "letter."
            ),
        ),
        Column("resumed", _("Came back"), Kind.NUMBER, _("With a session within seven days.")),
        Column("resumed_percent", _("Share"), Kind.PERCENT, _("Of those who received a letter.")),
        Column(
            "compared_resumed",
            _("Came back without a letter"),
            Kind.NUMBER,
            _("In the seven days after their alert had been open for as long."),
        ),
        Column("compared_percent", _("Share without"), Kind.PERCENT, _("Of the same number.")),
        Column(
            "difference_low",
            _("Difference from"),
            Kind.NUMBER,
            _(
                "In percentage points: with 95 % confidence, the difference lies between the two "
                "(Newcombe's interval for pairs)."
            ),
        ),
        Column("difference_high", _("Difference to"), Kind.NUMBER),
    ],
    rows=rows,
)
REPORTS = (ALERTS, EFFECT)
