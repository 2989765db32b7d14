"""Sessions one by one, and a content bucket by bucket: what the pages of a session and a content
draw."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from analytics.query import curves
from analytics.query.filters import LEARNER, ExtraFilter, Titles
from analytics.query.minimum_sample import is_enough
from analytics.query.people import learner_url
from analytics.query.subset import LearnerSubset
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows
from progress.models import Content, LearningSession

from .content import counts_of


# --- Sessions ------------------------------------------------------------------------------------
def _sessions(query: ReportQuery) -> Rows:
    """Sessions that began in the period, the newest first."""
    rows = LearningSession.objects.filter(query.filters.period.contains("start_time"))
    return (
        query.filters.of_learner(query.filters.apply(rows))
        .order_by("-start_time", "pk")
        .values_list(
            "pk",
            "user__full_name",
            "user__username",
            "user__department",
            "course__title",
            "start_time",
            "end_time",
            "last_activity_at",
            "device_id",
            "active_ms",
            "idle_ms",
            "distractions",
            "course_id",
            "user_id",
        )
    )


def _session(row: tuple) -> tuple:
    pk, name, username, department, course, start, end, heard_of, device, active, idle = row[:11]
    length = ((end or heard_of) - start) / timedelta(milliseconds=1)
    away = max(round(length) - active - idle, 0)
    return (
        str(pk),
        name or username,
        username,
        department,
        course,
        start,
        end,
        device,
        active // 1000,
        idle // 1000,
        away // 1000,
        row[11],
    )


SESSIONS = Report(
    slug="sessions",
    for_managers=True,
    title=_("Sessions"),
    group=_("Progress"),
    description=_("Every visit to a course that began in this period."),
    columns=[
        Column("session_id", _("Session"), off_page=True),
        *columns.LEARNER_IN_COURSE,
        Column("start_time", _("Began"), Kind.MOMENT),
        Column("end_time", _("Ended"), Kind.MOMENT),
        Column("device_id", _("Device"), off_page=True),
        Column("active_seconds", _("Active"), Kind.SECONDS, _("Credited.")),
        Column("idle_seconds", _("Idle"), Kind.SECONDS, _("As reported by the tracker.")),
        Column("away_seconds", _("Away"), Kind.SECONDS, _("The rest: hidden or silent.")),
        columns.DISTRACTIONS,
    ],
    rows=_sessions,
    extra_filters=LEARNER,
    to_row=_session,
    link=lambda row: learner_url(row[-2], row[-1]),
)


# --- A content, place by place -------------------------------------------------------------------
def _contents(courses: Titles) -> list[tuple[int, str]]:
    rows = Content.objects.active().filter(module__course__in=list(courses))
    rows = rows.exclude(content_type__in=[Content.Type.QUIZ, Content.Type.EMBED])
    ordered = rows.order_by("module__course__title", "module__position", "position", "pk")
    named = ordered.values_list("pk", "module__course__title", "title")
    return [(pk, f"{course}: {title}") for pk, course, title in named]


def _places(query: ReportQuery) -> Rows:
    """Nothing for fewer than five learners, and for a group only what is known of it."""
    content = Content.objects.filter(pk=query.filters.extra.get("content")).first()
    edition = curves.edition_of(content) if content else None
    counts = (
        counts_of(edition, LearnerSubset(edition, query.filters), query.filters)
        if edition
        else None
    )
    if counts is None or not is_enough(counts.learners):
        return []
    name, nothing = curves.place_names(counts.kind), [None] * len(counts.viewers)
    of_all = [counts.seek_in, counts.seek_out, counts.pauses]
    dwell = [ms // 1000 for ms in counts.dwell_ms]
    columns = [
        counts.viewers,
        counts.replayers,
        counts.replays or nothing,
        counts.drop_offs,
        *([nothing] * 3 if counts.is_group else of_all),
        nothing if counts.is_group or counts.is_media else dwell,
    ]
    rows = zip(*columns, strict=True)
    return [(place, name(place), *row) for place, row in enumerate(rows)]


CURVE = Report(
    slug="curve",
    title=_("A content, second by second"),
    group=_("Engagement"),
    description=_(
        "A content's seconds, pages or hundredths: how many saw each, saw it again, and left there."
    ),
    columns=[
        Column("bucket", _("Number"), Kind.NUMBER, off_page=True),
        Column("place", _("Place")),
        Column("viewers", _("First views"), Kind.NUMBER, _("How many saw it at all.")),
        Column("replayers", _("Saw it again"), Kind.NUMBER, _("How many did.")),
        Column("replays", _("Replays"), Kind.NUMBER, _("How often it was played again.")),
        Column("drop_offs", _("Left here"), Kind.NUMBER, _("For good, unfinished.")),
        Column("seek_in", _("Seeks to it"), Kind.NUMBER),
        Column("seek_out", _("Seeks away"), Kind.NUMBER),
        Column("pauses", _("Pauses"), Kind.NUMBER),
        Column("dwell_seconds", _("Time on it"), Kind.SECONDS, _("Of pages and texts.")),
    ],
    rows=_places,
    filters=("department", "cohort"),
    extra_filters={"content": ExtraFilter(_("Content"), _("Choose one"), _contents, int)},
)
