"""What followed letters to learners, beside what followed without one: a report.

Counts and an interval of their difference; no claim that the letter is why.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, Min, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.dashboards.filters import Chosen, midnight
from analytics.dashboards.scope import SMALLEST_GROUP
from analytics.engagement.intervals import newcombe
from analytics.models import Alert, AlertKind, Outreach
from analytics.reports.report import Asked, Column, Kind, Report, Rows
from progress.models import LearningSession

from .pairing import Pair, Watched, pairs

ONE_DAY = timedelta(days=1)
ALL_COURSES, ALL_KINDS = _("All courses"), _("All kinds")


def watched(chosen: Chosen) -> list[Watched]:
    """The alerts of which a letter was sent in the period, and those without any. Two statements.

    Of the courses and kinds that somebody was written to about, as others are compared with nobody.
    """
    since, until = midnight(chosen.period.since), midnight(chosen.period.until + ONE_DAY)
    sent = Outreach.objects.filter(sent_at__isnull=False)
    lately = sent.filter(sent_at__gte=since, sent_at__lt=until)
    written_about = chosen.narrow(Alert.objects.all()).filter(
        course=OuterRef("course"), kind=OuterRef("kind"), pk__in=lately.values("alert")
    )
    has_letter = Exists(sent.filter(alert=OuterRef("pk")))
    rows = list(
        chosen.narrow(Alert.objects.all())
        .filter(Exists(written_about.order_by()))
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
    sessions = _sessions({row[0] for row in rows})
    return [Watched(*row[1:], sessions=sessions.get(row[0], ())) for row in rows]


def _sessions(enrollment_ids: set[int]) -> dict[int, list[datetime]]:
    found = LearningSession.objects.filter(enrollment__in=enrollment_ids).order_by()
    begun = ArrayAgg("start_time", order_by="start_time")
    return dict(found.values_list("enrollment_id").annotate(begun=begun))


# --- As a report ---------------------------------------------------------------------------------
def rows(asked: Asked) -> Rows:
    """All together, then by kind, then by course and kind; groups of fewer than five untold."""
    found = pairs(watched(asked.chosen), asked.now)
    titles = asked.chosen.courses
    groups: list[tuple[str | Promise, str | Promise, list[Pair]]] = []
    if found:
        groups.append((ALL_COURSES, ALL_KINDS, found))
    for kind in AlertKind:
        of_kind = [pair for pair in found if pair.kind == kind]
        if of_kind:
            groups.append((ALL_COURSES, kind.label, of_kind))
    if len({pair.course_id for pair in found}) > 1:
        for course_id, title in titles.items():
            for kind in AlertKind:
                both = [p for p in found if (p.course_id, p.kind) == (course_id, kind)]
                if both:
                    groups.append((title, kind.label, both))
    return [_row(course, kind, group) for course, kind, group in groups]


def _row(course: str | Promise, kind: str | Promise, group: Iterable[Pair]) -> tuple:
    group = list(group)
    people = min(
        len({pair.written_to for pair in group}), len({pair.compared_with for pair in group})
    )
    if people < SMALLEST_GROUP:
        return (str(course), str(kind), *[None] * 7)
    count = len(group)
    resumed = sum(pair.resumed for pair in group)
    compared = sum(pair.compared_resumed for pair in group)
    apart = newcombe((resumed, count), (compared, count))
    return (
        str(course),
        str(kind),
        count,
        resumed,
        _points(resumed / count),
        compared,
        _points(compared / count),
        _points(apart.low),
        _points(apart.high),
    )


def _points(share: float) -> int:
    return round(share * 100)


EFFECT = Report(
    slug="outreach-effect",
    title=_("After letters to learners"),
    group=_("Alerts"),
    description=_(
        "Who came back within seven days of a letter, beside learners of the same course with the"
        " same kind of alert and about as long a silence who had none. Letters of these days."
        " Staff choose whom they write to, so a difference may have other reasons."
    ),
    columns=[
        Column("course", _("Course")),
        Column("kind", _("Alert")),
        Column(
            "pairs",
            _("Pairs"),
            Kind.NUMBER,
            _("Letters whose seven days are over and that a comparable alert was found for."),
        ),
        Column("resumed", _("Came back"), Kind.NUMBER, _("With a session within seven days.")),
        Column("resumed_percent", _("Share"), Kind.PERCENT, _("Of those who were written to.")),
        Column(
            "compared_resumed",
            _("Came back without a letter"),
            Kind.NUMBER,
            _("In the seven days after their alert had stood for as long."),
        ),
        Column("compared_percent", _("Share without"), Kind.PERCENT, _("Of the same number.")),
        Column(
            "difference_low",
            _("Difference from"),
            Kind.NUMBER,
            _("In points: with 95 % confidence it is between the two (Newcombe's interval)."),
        ),
        Column("difference_high", _("Difference to"), Kind.NUMBER),
    ],
    rows=rows,
)
REPORTS = (EFFECT,)
