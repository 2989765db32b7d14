"""Where a learner stands, read from the database for a stream that begins. Synchronous."""

from datetime import datetime

from progress.models import Enrollment
from progress.state.course_state import CourseReading
from progress.state.payloads import certificate, content_answer, live_body, module_answer


def snapshot(user_id: int, course_id: int, now: datetime) -> dict | None:
    """The whole course in the shape of a push; None when the learner is not enrolled any more."""
    enrollment = Enrollment.objects.followed(user_id, course_id).with_progress("course").first()
    if enrollment is None:
        return None
    reading = CourseReading(enrollment, now)
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
