"""Where a learner stands, read from the database for a stream that begins. Synchronous."""

from datetime import datetime

from progress.models import Enrollment
from progress.reading import course_answer


def snapshot(user_id: int, course_id: int, now: datetime) -> dict | None:
    """The whole course in the shape of a push; None when the learner is not enrolled any more."""
    enrollment = (
        Enrollment.objects.followed(user_id, course_id)
        .select_related("course", "course_progress")
        .first()
    )
    if enrollment is None:
        return None
    told = course_answer(enrollment, now)
    return {
        "contents": [
            {"module_id": module["module_id"], **_only(content, _CONTENT), **_quiz(content)}
            for module in told["modules"]
            for content in module["contents"]
        ],
        "modules": [_only(module, _MODULE) for module in told["modules"]],
        "course": _only(told, _COURSE) | {"event_count": enrollment.course_progress.chain_length},
        "certificate": told["certificate"],
    }


_STANDING = ("completion_percentage", "is_complete")
_CONTENT = ("content_id", *_STANDING, "time_spent_seconds", "last_position")
_MODULE = ("module_id", *_STANDING)
_COURSE = ("course_id", *_STANDING, "time_spent_seconds")


def _only(told: dict, names: tuple[str, ...]) -> dict:
    return {name: told[name] for name in names}


def _quiz(content: dict) -> dict:
    return {"quiz": content["quiz"]} if "quiz" in content else {}
