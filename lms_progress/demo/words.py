"""The words of the demo page's script."""

from django.utils.translation import gettext as _


def for_log() -> dict[str, str]:
    """The texts of the page's activity log."""
    return {
        "request": _("Request"),
        "answer": _("Answer"),
        "session": _("Session {id} is open."),
        "started": _("The session is open."),
        "ended": _("The session ended after {seconds} s."),
        "ended_short": _("The session has ended."),
        "unreachable": _("The server couldn't be reached."),
        "accepted": _("Accepted"),
        "duplicate": _("Duplicate"),
        "conflict": _("Conflict"),
        "rejected": _("Rejected"),
        "credited": _("{states}: {credited} s of active time, {covered} s newly covered."),
        "observed": _(
            "{withheld} s of it were faster than the clock: a course that enforces this would "
            "withhold them; this one only observes it."
        ),
        "clock": _("{withheld} s withheld: faster than the clock."),
        "rate": _("{withheld} s withheld: faster than it can be played."),
        "event_limit": _("{withheld} s withheld: more than one event may report."),
        "content_complete": _("“{title}” is complete."),
        "course_complete": _("The course is complete; its certificate follows."),
        "score": _("Score {score} %."),
    }
