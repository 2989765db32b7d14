"""What stands at the end of a content: what is missing or was opened, and what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress import slots
from progress.rules import coverage
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec
from progress.state.time_left import seconds_left

from . import outline, words

# For so long a completion is news: the page says it by itself.
MOMENT = timedelta(minutes=15)
MAX_GAPS = 4


@dataclass(frozen=True, slots=True)
class EndCard:
    is_shown: bool  # at once; otherwise the script shows it at the end
    is_complete: bool
    missing: str  # how much, in words; "" if that isn't the reason, or nothing is missing
    gaps: list[outline.Gap]
    following: outline.ContentRow | None
    opened: list[outline.ContentRow]
    saved: str  # what passing this pre-test has saved
    course: "CourseCompletion | None"


@dataclass(frozen=True, slots=True)
class CourseCompletion:
    """The panel of the moment in which a course was completed; `share` is the slot's answer."""

    title: str
    time: str
    share: dict | None


def end_card(state: CourseState, content: ContentSpec, path: dict | None) -> EndCard:
    row = state.rows.get(content.id)
    course = _course_completion(state)
    is_complete = state.content_state(content).is_complete
    is_news = is_complete and _is_recent(row and row.completed_at, state.now)
    gaps = [] if is_complete else outline.gaps(state, content)
    following = None if state.is_complete else following_step(state, content, path)
    return EndCard(
        is_shown=is_news,
        is_complete=is_complete,
        missing=_missing(state, content) if gaps else "",
        gaps=gaps[:MAX_GAPS],
        following=None if following is None else outline.content_row(state, following),
        opened=[
            outline.content_row(state, each)
            for each in (_opened(state, content) if state.is_done(content) else [])
            if each != following
        ],
        saved=_saved(state, content),
        course=course,
    )


def following_step(
    state: CourseState, content: ContentSpec, path: dict | None
) -> ContentSpec | None:
    """The next content that is open and not done: of a followed path, else in the course's order.

    After the last one it begins again with what was left out before.
    """
    contents = state.structure.contents
    if path and path["is_followed"]:
        steps = (contents[step["content_id"]] for step in path["steps"])
        return next((each for each in steps if each != content and state.is_open(each)), None)
    in_order = [each for module in state.structure.modules for each in module.active]
    index = in_order.index(content)
    remaining = {each.id for each in state.remaining()} - {content.id}
    others = in_order[index + 1 :] + in_order[:index]
    return next((each for each in others if each.id in remaining and state.is_open(each)), None)


def _missing(state: CourseState, content: ContentSpec) -> str:
    """`0:40`, `3 pages`, `12 %`: how much isn't covered, rounded up."""
    missing = coverage.length(state.missing(content))
    if content.is_timed:
        return words.clock(missing + 999)
    if content.is_paged:
        return ngettext("%(count)s page", "%(count)s pages", missing) % {"count": missing}
    return f"{-(-missing // 10)} %"


def _opened(state: CourseState, content: ContentSpec) -> list[ContentSpec]:
    """What waited for this content, can be opened now, and isn't begun."""
    return [
        each
        for module in state.structure.modules
        for each in module.active
        if content.id in each.prerequisites and not state.is_begun(each) and state.is_open(each)
    ]


def _saved(state: CourseState, content: ContentSpec) -> str:
    """`2 contents, 6 min saved`; "" if it waives nothing, or wasn't passed."""
    targets = (state.structure.contents[pk] for pk in content.waives)
    waived = [each for each in targets if each.is_active and state.is_waived(each)]
    if not waived:
        return ""
    count = ngettext("%(count)s content", "%(count)s contents", len(waived))
    count %= {"count": len(waived)}
    seconds = sum(seconds_left(state, each) or 0 for each in waived)
    if seconds < 60:
        return _("%(contents)s saved") % {"contents": count}
    return _("%(contents)s, %(time)s saved") % {"contents": count, "time": words.duration(seconds)}


def _course_completion(state: CourseState) -> CourseCompletion | None:
    if not (state.is_complete and _is_recent(state.progress.completed_at, state.now)):
        return None
    return CourseCompletion(
        title=state.enrollment.course.title,
        time=words.spent(state.progress.time_ms),
        share=slots.share_links(state.enrollment.pk),
    )


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < MOMENT
