"""Where a learner continues in a course: which content, and where in it, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

from . import words


@dataclass(frozen=True, slots=True)
class Step:
    """The content to open next; `place` is where in it in words, or what is still to do."""

    content: ContentSpec
    place: str


def next_step(state: CourseState, path: dict | None = None) -> Step | None:
    """The content where the learner stopped or, if that is complete, the one after it.

    For a new learner it is the first open content; None if nothing is left. If the learner follows
    a `path` (the slot's answer), that decides what comes next.
    """
    resume = state.resume()
    last = state.structure.contents[resume["content_id"]] if resume else None
    if last and not state.is_done(last) and state.is_open(last):
        return Step(last, place(state, last, resume["position"]))
    first = path and path["first"]
    following = state.structure.contents[first] if first else _first_open(state, after=last)
    return following and Step(following, words.remaining(state, following))


def _first_open(state: CourseState, after: ContentSpec | None) -> ContentSpec | None:
    """The next open content that counts, starting after `after`, then from the beginning.

    A locked content only if nothing else is left: its page says what opens it.
    """
    in_order = [content for module in state.structure.modules for content in module.active]
    if after in in_order:
        start = in_order.index(after)
        in_order = in_order[start:] + in_order[:start]
    remaining = {content.id for content in state.remaining()}
    to_do = [content for content in in_order if content.id in remaining]
    is_open = (content for content in to_do if state.is_open(content))
    return next(is_open, to_do[0] if to_do else None)


def place(state: CourseState, content: ContentSpec, position: float) -> str:
    """A position in words: `at 14:02`, `page 4`, `40 % through`; without one, what is left to do.

    `position` is in seconds of media, in pages, or a fraction of a text.
    """
    if content.is_timed and position >= 1:
        return _("at %(time)s") % {"time": words.clock(round(position * 1000))}
    if content.is_paged and position >= 1:
        return _("page %(page)s") % {"page": int(position)}
    if content.is_binned and position >= 0.01:
        return _("%(percent)s %% through") % {"percent": int(position * 100)}
    return words.remaining(state, content)
