"""The one card that *My learning* begins with: what to do next, how long it takes, and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from progress import slots
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec
from progress.state.time_left import seconds_left

from . import outline, words
from .covers import Cover, content_cover
from .due import due
from .next_step import Step, next_step

MAX_RECOMMENDATIONS = 3
SOON = timedelta(days=7)  # a due date as near as this is a reason to go on
JUST_DONE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class NextCard:
    enrollment_id: int
    course_id: int
    course_title: str
    percent: int
    content: ContentSpec
    cover: Cover
    url: str
    action: str  # the button's text
    place: str  # where in the content, or what is left of it
    facts: list[str]  # its type, length, and the time left
    reasons: list[str]

    @property
    def key(self) -> tuple[int, int]:
        return self.enrollment_id, self.content.id


def next_card(
    states: Sequence[CourseState],
    recommendations: Collection[dict],
    fulfilled: Collection[int] = (),
) -> NextCard | None:
    """The next step in the course that the learner was in last or, before any, in the first one.

    `fulfilled` are courses that were completed elsewhere: nobody is asked to begin them, and their
    due date is no reason.
    A course with nothing open waits behind the others. With nothing left to do, the first
    recommendation is offered, such as a review; None without any.
    """
    own = (each for each in states if each.rows or each.enrollment.course_id not in fulfilled)
    in_order = sorted(filter(CourseState.remaining, own), key=_latest_first)
    state = next(filter(_has_open, in_order), in_order[0] if in_order else None)
    if state is None:
        return _recommended_card(states, recommendations)
    path = slots.path(state)
    step = next_step(state, path)
    is_owed = state.enrollment.course_id not in fulfilled
    due_reason = _due_reason(state) if is_owed else []
    return None if step is None else _step_card(state, step, path, recommendations, due_reason)


def other_recommendations(
    states: Sequence[CourseState], recommendations: Collection[dict], card: NextCard | None
) -> list[dict]:
    """The few that differ from the card and from what was just done, with type and length."""
    by_enrollment = {state.enrollment.pk: state for state in states}
    rows = []
    for each in recommendations:
        state = by_enrollment[each["enrollment_id"]]
        content = state.structure.contents[each["content_id"]]
        if (card and _is_same(card, each, content)) or _is_just_done(state, content):
            continue
        facts = [words.type_label(content), words.length(content)]
        rows.append(
            each | {"cover": content_cover(content), "facts": [fact for fact in facts if fact]}
        )
    return rows[:MAX_RECOMMENDATIONS]


def _latest_first(state: CourseState) -> tuple[float, float, int]:
    """The one that the learner was in last; those not begun by due date, then as assigned."""
    at, due_at = state.progress.resume_updated_at, state.enrollment.due_at
    return (
        -at.timestamp() if at else 0.0,
        due_at.timestamp() if due_at else float("inf"),
        state.enrollment.pk,
    )


def _has_open(state: CourseState) -> bool:
    return any(map(state.is_open, state.remaining()))


def _key(recommendation: dict) -> tuple[int, int]:
    return recommendation["enrollment_id"], recommendation["content_id"]


def _is_same(card: NextCard, recommendation: dict, content: ContentSpec) -> bool:
    """Also where the same material is in another course."""
    is_same_material = bool(content.url) and content.url == card.content.url
    return card.key == _key(recommendation) or is_same_material


def _is_just_done(state: CourseState, content: ContentSpec) -> bool:
    row = state.rows.get(content.id)
    is_recent = row is not None and row.last_event_at > state.now - JUST_DONE
    return is_recent and state.is_done(content)


# --- The card of a step ---------------------------------------------------------------------------
def _step_card(
    state: CourseState,
    step: Step,
    path: dict | None,
    recommendations: Collection[dict],
    due_reason: list[str],
) -> NextCard:
    content = step.content
    url = outline.content_url(state.enrollment.course_id, content.id)
    action = _("Continue") if state.rows else _("Start")
    if not state.is_open(content):
        action = _("See what opens it")
    place = step.place if state.rows else ""
    reasons = [
        *due_reason,
        *(_reasons_of(state, content, recommendations) or _own_reasons(state, content, path)),
    ]
    return _card(state, content, url, action, place, reasons)


def _card(
    state: CourseState,
    content: ContentSpec,
    url: str,
    action: str,
    place: str,
    reasons: list[str],
) -> NextCard:
    return NextCard(
        enrollment_id=state.enrollment.pk,
        course_id=state.enrollment.course_id,
        course_title=state.enrollment.course.title,
        percent=state.bp // 100,
        content=content,
        cover=content_cover(content),
        url=url,
        action=action,
        place=place,
        facts=_facts(state, content),
        reasons=reasons,
    )


def _facts(state: CourseState, content: ContentSpec) -> list[str]:
    """Its type and length; once it is begun, or without a length, the time left.

    A text's length is an estimate of the same kind as the time left: only one of them is shown.
    """
    length = words.length(content)
    is_new = bool(length) and content.id not in state.rows
    left = "" if is_new else words.time_left(seconds_left(state, content))
    if left and content.is_binned:
        length = ""
    return [fact for fact in (words.type_label(content), length, left) if fact]


def _due_reason(state: CourseState) -> list[str]:
    at = state.enrollment.due_at
    found = due(at, state.now) if at and at < state.now + SOON else None
    return [found.text] if found else []


def _reasons_of(
    state: CourseState, content: ContentSpec, recommendations: Collection[dict]
) -> list[str]:
    """Why it is also recommended, if it is."""
    key = (state.enrollment.pk, content.id)
    return [
        reason["text"]
        for each in recommendations
        if _key(each) == key
        for reason in each["reasons"]
    ]


def _own_reasons(state: CourseState, content: ContentSpec, path: dict | None) -> list[str]:
    resumed = state.resume()
    if resumed and resumed["content_id"] == content.id:
        if state.now - resumed["updated_at"] < timedelta(minutes=1):
            return [_("You were here a moment ago.")]
        ago = timesince(resumed["updated_at"], state.now, depth=1)
        return [_("You were last here %(ago)s ago.") % {"ago": ago}]
    if path and path["first"] == content.id and path["steps"][0]["text"]:
        return [path["steps"][0]["text"]]
    if not state.rows:
        return [_("You haven't started this course yet.")]
    return [_("It comes next in the course.")]


# --- With nothing left to do ----------------------------------------------------------------------
def _recommended_card(
    states: Sequence[CourseState], recommendations: Collection[dict]
) -> NextCard | None:
    by_enrollment = {state.enrollment.pk: state for state in states}
    for each in recommendations:
        state = by_enrollment[each["enrollment_id"]]
        content = state.structure.contents[each["content_id"]]
        if not _is_just_done(state, content):
            action = _("Review") if state.is_done(content) else _("Start")
            reasons = [reason["text"] for reason in each["reasons"]]
            return _card(state, content, each["url"], action, "", reasons)
    return None
