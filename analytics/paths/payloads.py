"""Paths in words, for pages and the API."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress.models import Waiver
from progress.pages import words
from progress.state.course_state import CourseReading
from progress.state.waivers import waivers_of

from .arranging import AGAIN, BEGUN, EXTRAS, LATER, PRE_TEST, READY, REMEDIAL, SKIPPED, Step
from .queries import Path, is_adaptive, paths_of

MOST_ON_A_PAGE = 5


def on_page(reading: CourseReading) -> dict | None:
    """What a course's page shows of the learner's path; None where there is none to follow."""
    if reading.is_complete or not is_adaptive(reading):
        return None
    [path] = paths_of([reading])
    steps = [told(step, path) for step in path.steps]
    return {
        "enrollment_id": reading.enrollment.pk,
        "is_followed": path.is_followed,
        "steps": steps[:MOST_ON_A_PAGE],
        "more": len(steps[MOST_ON_A_PAGE:]),
        "offers": [offered(step, path) for step in path.offers],
        "first": path.steps[0].id if path.is_followed and path.steps else None,
        "waivers": [waived(each) for each in waivers_of(reading)],
    }


def told(step: Step, path: Path) -> dict:
    """A step for people and programs."""
    contents = path.reading.structure.contents
    facts = contents[step.id]
    return {
        "content_id": facts.id,
        "content_type": facts.content_type,
        "title": facts.title,
        "url": reverse("content", args=[path.reading.structure.course_id, facts.id]),
        "reason": step.reason,
        "text": in_words(step, is_locked=path.reading.is_locked(facts)),
        "skill": step.skill or None,
        "readiness": None if step.readiness is None else round(step.readiness, 4),
        "minutes": round(step.minutes, 1) if step.spares else None,
        "saves_minutes": round(step.saves, 1) if step.spares else None,
        "chance": None if step.chance is None else round(step.chance, 4),
        "spares": [_named(contents[pk]) for pk in step.spares],
        "or_instead": [_named(contents[pk]) for pk in step.instead],
        "can_be_dismissed": step.reason in EXTRAS,
    }


def offered(step: Step, path: Path) -> dict:
    """What may be done besides, for people and programs."""
    return told(step, path) | {"text": in_words_of_offer(step)}


def _named(facts) -> dict:
    return {"content_id": facts.id, "title": facts.title}


def in_words(step: Step, *, is_locked: bool) -> str:
    """Why a step stands where it does; nothing where it only follows in the course."""
    if step.reason == PRE_TEST:
        return _of_test(step)
    if step.reason == REMEDIAL:
        return _("Your answers say that “%(skill)s” needs more practice.") % {"skill": step.skill}
    if step.reason == SKIPPED:
        said = _("You skipped this. Your answers now say that “%(skill)s” needs more practice.")
        return said % {"skill": step.skill}
    if step.reason == LATER:
        told = _("Best after more practice of “%(skill)s”, which it builds on.")
        told %= {"skill": step.skill}
        return told if is_locked else f"{told} {_('You can open it now.')}"
    if step.reason == AGAIN:
        return _("You may well pass at the next try.")
    if step.reason == BEGUN:
        return _("You have begun this.")
    if step.reason == READY:
        return _("You know what it builds on.")
    return ""


def _of_test(step: Step) -> str:
    count = len(step.spares)
    told = ngettext(
        "Pass it and you can skip %(count)s content.",
        "Pass it and you can skip %(count)s contents.",
        count,
    ) % {"count": count}
    if step.saves <= step.minutes:
        return told
    times = {"takes": _in_minutes(step.minutes), "saves": _in_minutes(step.saves)}
    return f"{told} {_('It takes about %(takes)s and may save you %(saves)s.') % times}"


def _in_minutes(minutes: float) -> str:
    """In whole ones; the least is one."""
    return words.duration(60 * max(round(minutes), 1))


def in_words_of_offer(step: Step) -> str:
    """Why it may help, and why it isn't a step."""
    if step.reason != PRE_TEST:
        return in_words(step, is_locked=False)
    if step.saves <= step.minutes:
        return f"{_of_test(step)} {_('It takes no less time than that.')}"
    return f"{_of_test(step)} {_('For whoever knows this already.')}"


def waived(waiver: dict) -> dict:
    """A waiver with its reason in words, and whether it may be declined."""
    is_tested = waiver["reason"] == Waiver.Reason.PRE_TEST
    if is_tested and waiver["score"] is not None:
        text = _("You passed “%(title)s” with %(score)s %%.")
        text %= {"title": waiver["because_title"], "score": int(waiver["score"])}
    elif is_tested:
        text = _("You passed “%(title)s”.") % {"title": waiver["because_title"]}
    else:
        text = _("You completed “%(title)s” instead.") % {"title": waiver["because_title"]}
    return waiver | {"text": text, "can_be_declined": is_tested}
