"""Every report, in the order of the list. A new one is named here: pages, files and API follow."""

from analytics.alerts.days_report import DAYS_AFTER
from analytics.alerts.effect_report import REPORTS as ALERTS
from analytics.compliance.reports import REPORTS as COMPLIANCE
from analytics.engagement.reports import REPORTS as ENGAGEMENT
from analytics.forecast.reports import REPORTS as FORECASTS
from analytics.mastery.reports import SKILLS
from analytics.paths.reports import WAIVERS
from analytics.roi.page import DEPARTMENTS as COST

from .content_reports import LEARNER_CONTENTS
from .progress_reports import COMPLETIONS, COURSES, DAYS, LEARNERS, NEEDS
from .visit_reports import CURVE, SESSIONS

ALL = (
    COURSES,
    LEARNERS,
    LEARNER_CONTENTS,
    NEEDS,
    COMPLETIONS,
    DAYS,
    SESSIONS,
    SKILLS,
    WAIVERS,
    *ENGAGEMENT,
    CURVE,
    *ALERTS,
    DAYS_AFTER,
    *COMPLIANCE,
    *FORECASTS,
    COST,
)
