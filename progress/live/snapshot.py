"""Where learners stand, read from the database for streams that begin. Synchronous."""

from collections.abc import Sequence
from datetime import datetime

from progress.models import Enrollment
from progress.state.course_state import CourseReading, readings_of
from progress.state.payloads import certificate, content_answer, live_body, module_answer

from .topics import Key


def snapshots(keys: Sequence[Key], now: datetime) -> dict[Key, dict]:
    """The whole course in the shape of a push, by `(user id, course id)`.

    Who isn't enrolled any more is left out. Two statements, however many are asked for, and one
    where a course's structure isn't in memory.
    """
    enrollments = list(Enrollment.objects.followed(keys).with_progress("course"))
    return {
        (reading.enrollment.user_id, reading.enrollment.course_id): _snapshot(reading)
        for reading in readings_of(enrollments, now)
    }


def _snapshot(reading: CourseReading) -> dict:
    return live_body(
        reading.progress,
        contents=[
            content_answer(
                facts,
                reading.rows.get(facts.id),
                reading.standing(facts),
                is_waived=reading.is_waived(facts),
            )
            for module in reading.structure.modules
            for facts in module.active
        ],
        modules={
            module.id: module_answer(reading.folded.modules[module.id])
            for module in reading.structure.modules
        },
        bp=reading.bp,
        is_complete=reading.is_complete,
        certificate=certificate(reading.progress),
    )
