"""Learners' progress, read from the database for streams that begin. Synchronous."""

from collections.abc import Sequence
from datetime import datetime

from progress.state import course_reading
from progress.state.answers import LiveAnswer
from progress.state.course_reading import CourseReading
from progress.state.course_rows import Wanted
from progress.state.payloads import content_payload, live_payload, module_payload

from .topics import Key


def snapshots(keys: Sequence[Key], now: datetime) -> dict[Key, LiveAnswer]:
    """Returns the whole course in the shape of a push, by `(user id, course id)`.

    Learners who aren't enrolled any more are left out. It takes one statement for any number of
    keys, one more for structures that aren't in memory, and one where a course is complete.
    """
    return {
        (reading.enrollment.user_id, reading.enrollment.course_id): _snapshot(reading)
        for reading in course_reading.read([Wanted(*key) for key in keys], now)
        if reading is not None and reading.enrollment.is_open
    }


def _snapshot(reading: CourseReading) -> LiveAnswer:
    state = reading.state
    return live_payload(
        state.progress,
        contents=[
            content_payload(
                content,
                state.rows.get(content.id),
                state.content_state(content),
                is_waived=state.is_waived(content),
            )
            for module in state.structure.modules
            for content in module.active
        ],
        modules={
            module.id: module_payload(state.folded.modules[module.id])
            for module in state.structure.modules
        },
        bp=state.bp,
        is_complete=state.is_complete,
        certificate=reading.certificate,
    )
