"""Learners' progress, read from the database for streams that begin. Synchronous."""

from collections.abc import Sequence
from datetime import datetime

from progress.models import Enrollment
from progress.state.course_state import CourseState, course_states
from progress.state.payloads import certificate, content_payload, live_payload, module_payload

from .topics import Key


def snapshots(keys: Sequence[Key], now: datetime) -> dict[Key, dict]:
    """Returns the whole course in the shape of a push, by `(user id, course id)`.

    Learners who aren't enrolled any more are left out. It takes two statements for any number of
    keys, and one more for each course whose structure isn't in memory.
    """
    enrollments = list(Enrollment.objects.followed(keys).with_progress("course"))
    return {
        (state.enrollment.user_id, state.enrollment.course_id): _snapshot(state)
        for state in course_states(enrollments, now)
    }


def _snapshot(state: CourseState) -> dict:
    return live_payload(
        state.progress,
        contents=[
            content_payload(
                facts,
                state.rows.get(facts.id),
                state.content_state(facts),
                is_waived=state.is_waived(facts),
            )
            for module in state.structure.modules
            for facts in module.active
        ],
        modules={
            module.id: module_payload(state.folded.modules[module.id])
            for module in state.structure.modules
        },
        bp=state.bp,
        is_complete=state.is_complete,
        certificate=certificate(state.progress),
    )
