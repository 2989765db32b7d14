"""Contents that count without having been completed, and why."""

from collections.abc import Mapping, Sequence
from typing import cast

from progress.models import Waiver
from progress.rules.waiving import Link

from .answers import WaiverAnswer
from .course_rows import WaiverRow
from .course_state import CourseState
from .structure import ContentSpec


def waiver_payloads(state: CourseState) -> list[WaiverAnswer]:
    """The waivers that count in a course. No statement where there are none.

    `granted_at` is None for a waiver that follows from a change the author has just made.
    """
    return waiver_payloads_of_all([state])[0]


def waiver_payloads_of_all(states: Sequence[CourseState]) -> list[list[WaiverAnswer]]:
    """The same for several enrolments of one learner, in the order given, in one statement."""
    some = [each.enrollment for each in states if each.waived and each.recorded_waivers is None]
    recorded: dict[int, dict[int, Waiver]] = {enrollment.pk: {} for enrollment in some}
    if some:
        rows = Waiver.objects.in_force().filter(
            enrollment__in=[enrollment.pk for enrollment in some], user=some[0].user_id
        )
        for row in rows:
            recorded[row.enrollment_id][row.content_id] = row
    return [
        _payloads(
            each,
            recorded.get(each.enrollment.pk, {})
            if each.recorded_waivers is None
            else {row.content_id: row for row in each.recorded_waivers},
        )
        for each in states
    ]


def _payloads(state: CourseState, recorded: Mapping[int, Waiver | WaiverRow]) -> list[WaiverAnswer]:
    if not state.waived:
        return []
    found = []
    for content in state.structure.contents.values():
        link = waiving_link(state, content)
        waiver = recorded.get(content.id) or (link and _unsaved(link))
        if waiver is not None and state.is_waived(content):
            found.append(_payload(waiver, content, state))
    return found


def waiving_link(state: CourseState, content: ContentSpec) -> Link | None:
    """What a waived content is waived by, in the course as it is today. No statement."""
    if not state.is_waived(content):
        return None
    contents = state.structure.contents
    return next(
        (
            link
            for link in state.structure.links
            if link.target == content.id and state.content_state(contents[link.source]).is_complete
        ),
        None,
    )


def _unsaved(link: Link) -> Waiver:
    reason = Waiver.Reason.PRE_TEST if link.is_pre_test else Waiver.Reason.ALTERNATIVE
    return Waiver(content_id=link.target, because_id=link.source, reason=reason)


def _payload(waiver: Waiver | WaiverRow, content: ContentSpec, state: CourseState) -> WaiverAnswer:
    return {
        "content_id": content.id,
        "title": content.title,
        "reason": cast(Waiver.Reason, waiver.reason),
        "because_content_id": waiver.because_id,
        "because_title": state.structure.contents[waiver.because_id].title,
        "score": None if waiver.score_bp is None else waiver.score_bp / 100,
        "granted_at": waiver.granted_at,
    }
