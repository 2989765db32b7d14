"""The texts of alerts, for people who can help the learner."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Alert, AlertKind, AlertStep
from progress.pages.words import duration


def why(alert: Alert) -> str:
    """Returns the alert's cause as a sentence, with its numbers."""
    return _BY_KIND[AlertKind(alert.kind)](alert, alert.facts)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j M Y")


def _never_started(alert: Alert, facts: dict) -> str:
    return _("Enrolled on %(day)s and never began.") % {"day": _day(alert.since)}


def _inactive(alert: Alert, facts: dict) -> str:
    day, usual = _day(alert.since), facts["usual_days"]
    if usual is None:
        return _("Not active since %(day)s.") % {"day": day}
    return ngettext(
        "Not active since %(day)s; usually comes back within a day.",
        "Not active since %(day)s; usually comes back within %(usual)s days.",
        usual,
    ) % {"day": day, "usual": usual}


def _pace(alert: Alert, facts: dict) -> str:
    if facts["is_overdue"]:
        text = _("Was due on %(day)s and is at %(done)s %%.")
        return text % {"day": _day(alert.since), "done": facts["done_percent"]}
    text = _("At %(done)s %%, where an even pace would be at %(even)s %%.")
    return text % {"done": facts["done_percent"], "even": facts["even_percent"]}


def _failing(alert: Alert, facts: dict) -> str:
    return ngettext(
        "Tried ‘%(quiz)s’ %(attempts)s time without passing.",
        "Tried ‘%(quiz)s’ %(attempts)s times without passing.",
        facts["attempts"],
    ) % {"quiz": facts["quiz"], "attempts": facts["attempts"]}


def _skipping(alert: Alert, facts: dict) -> str:
    sentences = []
    if "unseen_seconds" in facts:
        sentences.append(
            _("Skipped %(unseen)s of the first %(reached)s of recordings.")
            % {
                "unseen": duration(facts["unseen_seconds"]),
                "reached": duration(facts["reached_seconds"]),
            }
        )
    if "withheld_seconds" in facts:
        time = duration(facts["withheld_seconds"])
        sentences.append(_("%(time)s went by faster than it can be played.") % {"time": time})
    return " ".join(sentences)


def _integrity(alert: Alert, facts: dict) -> str:
    sentences = []
    if events := facts["events"]:
        sentences.append(
            ngettext(
                "%(count)s event reported more time than had passed, or contradicts another.",
                "%(count)s events reported more time than had passed, or contradict others.",
                events,
            )
            % {"count": events}
        )
    if facts["drifts"]:
        sentences.append(_("What is stored doesn't match the evidence."))
    return " ".join(sentences)


def _risk(alert: Alert, facts: dict) -> str:
    text = _("Unlikely to complete on time: a score of %(score)s of 100.")
    return text % {"score": facts["score"]}


_BY_KIND = {
    AlertKind.NEVER_STARTED: _never_started,
    AlertKind.INACTIVE: _inactive,
    AlertKind.PACE: _pace,
    AlertKind.FAILING: _failing,
    AlertKind.SKIPPING: _skipping,
    AlertKind.INTEGRITY: _integrity,
    AlertKind.RISK: _risk,
}


def state(alert: Alert) -> str:
    """`Snoozed until 3 May 2026`, `Closed: the cause is gone`."""
    name = alert.get_state_display()
    if alert.state == Alert.State.SNOOZED:
        return _("Snoozed until %(day)s") % {"day": _day(alert.snoozed_until)}
    if alert.state == Alert.State.CLOSED:
        values = {"day": _day(alert.closed_at), "why": alert.get_closing_display()}
        return _("Closed on %(day)s: %(why)s") % values
    return str(name)


def step(done: AlertStep) -> str:
    """`3 May 2026: Inês assigned it to Omar`."""
    values = {
        "day": _day(done.at),
        "by": done.by.get_full_name() if done.by else _("the system"),
        "what": done.get_what_display(),
    }
    if done.to:
        values["to"] = done.to.get_full_name()
        return _("%(day)s: %(what)s to %(to)s, by %(by)s") % values
    if done.until:
        values["until"] = _day(done.until)
        return _("%(day)s: %(what)s until %(until)s, by %(by)s") % values
    return _("%(day)s: %(what)s, by %(by)s") % values
