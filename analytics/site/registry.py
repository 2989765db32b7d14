"""Every report, in the order of the list. A new one is named here and has all its faces."""

from analytics.alerts.effect import REPORTS as ALERTS
from analytics.compliance.reports import REPORTS as COMPLIANCE
from analytics.engagement.reports import REPORTS as ENGAGEMENT
from analytics.mastery.reports import SKILLS
from analytics.paths.reports import WAIVERS
from analytics.reporting.report import Report
from analytics.roi.page import DEPARTMENTS as COST

from .progress_reports import COMPLETIONS, COURSES, DAYS, LEARNERS, NEEDS
from .visit_reports import CURVE, SESSIONS

ALL: tuple[Report, ...] = (
    COURSES,
    LEARNERS,
    NEEDS,
    COMPLETIONS,
    DAYS,
    SESSIONS,
    SKILLS,
    WAIVERS,
    *ENGAGEMENT,
    CURVE,
    *ALERTS,
    *COMPLIANCE,
    COST,
)


def find(slug: str, user) -> Report | None:
    """The report of that name, if `user` may open it."""
    report = named(slug)
    return report if report and report.may_open(user) else None


def named(slug: str) -> Report | None:
    """The report of that name, whoever may open it."""
    return next((each for each in ALL if each.slug == slug), None)


def of(user) -> list[Report]:
    """Those that `user` may open."""
    return [each for each in ALL if each.may_open(user)]
