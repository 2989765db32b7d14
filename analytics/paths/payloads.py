"""Paths with their texts, as dicts for pages and the API."""

from typing import Annotated, Literal, TypedDict

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress.models import Waiver
from progress.pages import words
from progress.state.answers import WaiverAnswer
from progress.state.course_state import CourseState
from progress.state.waivers import waiver_payloads

from .arranging import AGAIN, BEGUN, EXTRAS, LATER, PRE_TEST, READY, REMEDIAL, SKIPPED, Step
from .queries import Path, is_adaptive, paths_of

MAX_ON_PAGE = 5
COURSE, PATH = "course", "path"


class NamedContentPayload(TypedDict):
    content_id: int
    title: str


class StepPayload(TypedDict):
    content_id: int
    content_type: str
    title: str
    url: Annotated[str, "Address of the learner's page on this site."]
    reason: Literal["next", "begun", "again", "ready", "later", "pre_test", "remedial", "skipped"]
    text: Annotated[str, "The reason in the reader's language."]
    skill: Annotated[str | None, "The weak skill of a remedial, skipped or later step."]
    readiness: Annotated[float | None, "The lowest mastery of what it builds on, 0 to 1, if known."]
    minutes: Annotated[float | None, "Roughly how long a pre-test takes."]
    saves_minutes: Annotated[
        float | None, "Roughly how long the contents take that a pre-test waives."
    ]
    chance: Annotated[float | None, "How likely the learner is to pass a pre-test, 0 to 1."]
    spares: Annotated[list[NamedContentPayload], "What passing this pre-test waives."]
    or_instead: Annotated[list[NamedContentPayload], "Alternatives, any of which is enough."]
    can_be_dismissed: Annotated[
        bool, "Whether `/api/analytics/recommendations/dismiss/` accepts it."
    ]


class PathWaiverPayload(WaiverAnswer):
    text: Annotated[str, "The reason in the reader's language."]
    can_be_declined: Annotated[bool, "Whether `/api/waivers/decline/` accepts it."]


class PathPayload(TypedDict):
    enrollment_id: int
    user_id: int
    course_id: int
    course_title: str
    is_adaptive: Annotated[bool, "Whether the course offers each learner an order of their own."]
    order: Annotated[Literal["path", "course"], "The learner's own order, or the course's."]
    steps: list[StepPayload]
    offers: Annotated[list[StepPayload], "Contents that may help, but aren't steps of the path."]
    waivers: list[PathWaiverPayload]


def path_payload(path: Path, waivers: list[WaiverAnswer]) -> PathPayload:
    enrollment = path.state.enrollment
    return {
        "enrollment_id": enrollment.pk,
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "course_title": enrollment.course.title,
        "is_adaptive": path.is_adaptive,
        "order": PATH if path.is_followed else COURSE,
        "steps": [step_payload(step, path) for step in path.steps],
        "offers": [offer_payload(step, path) for step in path.offers],
        "waivers": [waiver_payload(each) for each in waivers],
    }


def page_payload(state: CourseState) -> dict | None:
    """What a course's page shows of the learner's path; None if there is none to follow."""
    if state.is_complete or not is_adaptive(state):
        return None
    [path] = paths_of([state])
    steps = [step_payload(step, path) for step in path.steps]
    return {
        "enrollment_id": state.enrollment.pk,
        "is_followed": path.is_followed,
        "steps": steps[:MAX_ON_PAGE],
        "more": len(steps[MAX_ON_PAGE:]),
        "offers": [offer_payload(step, path) for step in path.offers],
        "first": path.steps[0].id if path.is_followed and path.steps else None,
        "waivers": [waiver_payload(each) for each in waiver_payloads(state)],
    }


def step_payload(step: Step, path: Path) -> StepPayload:
    """A step with its text, for pages and the API."""
    contents = path.state.structure.contents
    content = contents[step.id]
    return {
        "content_id": content.id,
        "content_type": content.content_type,
        "title": content.title,
        "url": reverse("content", args=[path.state.structure.course_id, content.id]),
        "reason": step.reason,
        "text": step_text(step, is_locked=path.state.is_locked(content)),
        "skill": step.skill or None,
        "readiness": None if step.readiness is None else round(step.readiness, 4),
        "minutes": round(step.minutes, 1) if step.spares else None,
        "saves_minutes": round(step.saves, 1) if step.spares else None,
        "chance": None if step.chance is None else round(step.chance, 4),
        "spares": [_named_content(contents[pk]) for pk in step.spares],
        "or_instead": [_named_content(contents[pk]) for pk in step.instead],
        "can_be_dismissed": step.reason in EXTRAS,
    }


def offer_payload(step: Step, path: Path) -> StepPayload:
    """An offer with its text, for pages and the API."""
    return {**step_payload(step, path), "text": offer_text(step)}


def _named_content(content) -> NamedContentPayload:
    return {"content_id": content.id, "title": content.title}


def step_text(step: Step, *, is_locked: bool) -> str:
    """Why a step comes at this point."""
    if step.reason == PRE_TEST:
        return _pre_test_text(step)
    if step.reason == REMEDIAL:
        return _("Your answers suggest that “%(skill)s” needs more practice.") % {
            "skill": step.skill
        }
    if step.reason == SKIPPED:
        text = _("You skipped this. Your answers now suggest that “%(skill)s” needs more practice.")
        return text % {"skill": step.skill}
    if step.reason == LATER:
        text = _("Best after more practice of “%(skill)s”, which it builds on.")
        text %= {"skill": step.skill}
        return text if is_locked else f"{text} {_('You can open it now.')}"
    if step.reason == AGAIN:
        return _("You have a good chance of passing on the next try.")
    if step.reason == BEGUN:
        return _("You have started this.")
    if step.reason == READY:
        return _("You know what it builds on.")
    return _("It comes next in the course.")


def _pre_test_text(step: Step) -> str:
    count = len(step.spares)
    text = ngettext(
        "Pass it and you can skip %(count)s content.",
        "Pass it and you can skip %(count)s contents.",
        count,
    ) % {"count": count}
    if step.saves <= step.minutes:
        return text
    times = {"takes": _minutes_text(step.minutes), "saves": _minutes_text(step.saves)}
    return f"{text} {_('It takes about %(takes)s and may save you %(saves)s.') % times}"


def _minutes_text(minutes: float) -> str:
    """In whole minutes, one at least."""
    return words.duration(60 * max(round(minutes), 1))


def offer_text(step: Step) -> str:
    """Why it may help, and why it isn't a step."""
    if step.reason != PRE_TEST:
        return step_text(step, is_locked=False)
    if step.saves <= step.minutes:
        return (
            f"{_pre_test_text(step)} {_('It takes no less time than the contents it can replace.')}"
        )
    return f"{_pre_test_text(step)} {_('For people who know this already.')}"


def waiver_payload(waiver: WaiverAnswer) -> PathWaiverPayload:
    """A waiver with the text of its reason, and whether it may be declined."""
    is_tested = waiver["reason"] == Waiver.Reason.PRE_TEST
    if is_tested and waiver["score"] is not None:
        text = _("You passed “%(title)s” with %(score)s %%.")
        text %= {"title": waiver["because_title"], "score": int(waiver["score"])}
    elif is_tested:
        text = _("You passed “%(title)s”.") % {"title": waiver["because_title"]}
    else:
        text = _("You completed “%(title)s” instead.") % {"title": waiver["because_title"]}
    return {**waiver, "text": text, "can_be_declined": is_tested}
