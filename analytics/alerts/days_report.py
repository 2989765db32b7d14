"""The report of how many days after a letter learners learned again and completed, compared with
similar learners without one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.models import Outreach
from analytics.query.filters import Filters
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows
from progress.models import Content, ContentProgress, Enrollment, LearningSession

REQUIRED = Q(content__required=True, content__hidden=False, content__retired_at=None)


def learner_histories(filters: Filters) -> list[Any]:
    """Returns the enrolments of courses with a letter in the period: those whose first letter was
    sent in it, and those that never got one. Five statements."""
    from .letter_days import LearnerHistory

    sent = Outreach.objects.filter(sent_at__isnull=False)
    lately = sent.filter(filters.period.contains("sent_at"))
    courses = lately.order_by().values("alert__course")
    rows = filters.apply(Enrollment.objects.filter(course__in=courses), enrolled_at="enrolled_at")
    first = dict(
        sent.filter(alert__enrollment__in=rows.order_by().values("pk"))
        .order_by()
        .values_list("alert__enrollment")
        .annotate(first=Min("sent_at"))
    )
    recent = set(lately.values_list("alert__enrollment", flat=True))
    table = [
        row
        for row in rows.order_by("pk").values_list(
            "pk",
            "course_id",
            "user_id",
            "enrolled_at",
            "unenrolled_at",
            "course_progress__completed_at",
        )
        if row[0] not in first or row[0] in recent
    ]
    ids = [row[0] for row in table]
    sessions = _moments(LearningSession.objects.filter(enrollment__in=ids), "start_time")
    done = _moments(
        ContentProgress.objects.filter(REQUIRED, enrollment__in=ids, completed_at__isnull=False),
        "completed_at",
    )
    contents = _contents({row[1] for row in table})
    return [
        LearnerHistory(
            *row[1:],
            contents=contents.get(row[1], 0),
            sessions=sessions.get(row[0], ()),
            done=done.get(row[0], ()),
            written_at=first.get(row[0]),
        )
        for row in table
    ]


def _moments(rows, name: str) -> dict[int, list[datetime]]:
    gathered = ArrayAgg(name, order_by=name)
    return dict(rows.order_by().values_list("enrollment_id").annotate(moments=gathered))


def _contents(courses: set[int]) -> dict[int, int]:
    rows = Content.objects.active().filter(
        module__course__in=courses, required=True, hidden=False, module__retired_at=None
    )
    counted = rows.order_by().values_list("module__course_id").annotate(number=Count("pk"))
    return dict(counted)


def _rows(query: ReportQuery) -> Rows:
    """Returns all courses together, and each course, for activity and for completion."""
    # Imported here for its cost: every process loads this module, and numpy takes a tenth of that.
    from .letter_days import pairs

    found = pairs(learner_histories(query.filters), query.now)
    if not found:
        return []
    groups = [(_("All courses"), found), *_by_course(found, query.filters.courses)]
    return [row for title, several in groups for row in _measures(title, several)]


def _by_course(found: list, titles: Mapping[int, str]) -> list[tuple[str, list]]:
    if len({pair.course_id for pair in found}) == 1:
        return []
    return [
        (title, here)
        for course_id, title in titles.items()
        if (here := [pair for pair in found if pair.course_id == course_id])
    ]


def _measures(title: str, found: list) -> list[tuple]:
    from .letter_days import MIN_PAIRS, difference

    measured = [
        (_("Learned again"), "activity", "compared_activity"),
        (_("Completed the course"), "completion", "compared_completion"),
    ]
    rows = []
    for name, written, compared in measured:
        each = difference(
            [getattr(pair, written) for pair in found], [getattr(pair, compared) for pair in found]
        )
        if each is None:
            few = _("Too few pairs: %(needed)s are needed.") % {"needed": MIN_PAIRS}
            rows.append((title, name, len(found), None, None, None, None, few))
            continue
        numbers = (each.written, each.compared, each.low, each.high)
        rows.append((title, name, len(found), *(round(n, 1) for n in numbers), _finding(each)))
    return rows


def _finding(each) -> str:
    if each.high < 0:
        return _("Sooner after a letter")
    if each.low > 0:
        return _("Later after a letter")
    return _("No clear difference")


DAYS_AFTER = Report(
    slug="outreach-days",
    title=gettext_lazy("Days after letters to learners"),
    group=gettext_lazy("Alerts"),
    description=gettext_lazy(
        "How many days after a letter learners learned again, and completed the course, compared "
        "with similar learners without one. Staff choose who to write to, so a difference may "
        "have other reasons."
    ),
    columns=[
        columns.COURSE,
        Column("measure", gettext_lazy("Until they")),
        Column(
            "pairs",
            gettext_lazy("Pairs"),
            Kind.NUMBER,
            gettext_lazy(
                "First letters from this period whose four weeks are over, each paired with a "
                "learner of the same course who after as many days of enrolment had done about as "
                "much, had been silent about as long, and never got a letter."
            ),
        ),
        Column(
            "days",
            gettext_lazy("Days with a letter"),
            Kind.NUMBER,
            gettext_lazy("The mean; what took more than 28 days counts as 28."),
        ),
        Column("compared_days", gettext_lazy("Days without"), Kind.NUMBER),
        Column(
            "difference_low",
            gettext_lazy("Difference from"),
            Kind.NUMBER,
            gettext_lazy(
                "In days, below zero for sooner: with 95 % confidence, the difference lies between "
                "the two (bootstrap over pairs)."
            ),
        ),
        Column("difference_high", gettext_lazy("Difference to"), Kind.NUMBER),
        Column("finding", gettext_lazy("Finding")),
    ],
    rows=_rows,
)
