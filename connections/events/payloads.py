"""What an event says: ids, and for those who asked for the full payload names and figures.

Rows are read when the event is published, seconds after it happened, a few statements for many
events. What is gone by then is left out; the ids stay.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from connections import slots
from connections.models import Event
from progress.models import Content, Course, Enrollment, LearningSession, Module, User

# The keys of a thin payload: whoever receives it asks the API, with the rights of its own key.
IDS = (
    "event_id",
    "user_id",
    "course_id",
    "enrollment_id",
    "session_id",
    "content_id",
    "module_id",
    "certificate_number",
    "alert_id",
)
TEST = "test"  # true in the events of test learners, and missing in all others


def thin(data: dict) -> dict:
    """The ids of a full payload, and whether it is about a test learner."""
    return {name: data[name] for name in (*IDS, TEST) if name in data}


def compose(events: Sequence[Event]) -> dict[int, dict]:
    """The full payload of each event, by its key."""
    return _Composer(events).payloads()


class _Composer:
    """Reads the rows of many events at once."""

    def __init__(self, events: Sequence[Event]):
        self._events = events
        self._people = User.objects.in_bulk(_ids(events, "user_id"))
        self._courses = Course.objects.in_bulk(_ids(events, "course_id"))
        enrollments = Enrollment.objects.with_progress()
        self._enrollments = enrollments.in_bulk(_ids(events, "enrollment_id"))
        self._sessions = LearningSession.objects.in_bulk(self._subjects("session.", UUID))
        contents = Content.objects.select_related("module")
        self._contents = contents.in_bulk(self._subjects("content.", int))
        self._modules = Module.objects.in_bulk(self._subjects("module.", int))
        self._certificates = self._of_slot(slots.certificates, "certificate.")
        self._alerts = self._of_slot(slots.alerts, "alert.")

    def payloads(self) -> dict[int, dict]:
        return {event.pk: self._payload(event) for event in self._events}

    def _subjects(self, prefix: str, kind: Callable = str) -> list:
        return list({kind(each.subject) for each in self._events if each.type.startswith(prefix)})

    def _of_slot(self, slot, prefix: str) -> dict[int, dict]:
        ids = self._subjects(prefix, int)
        return slot(ids) or {} if ids else {}

    def _payload(self, event: Event) -> dict[str, Any]:
        payload: dict[str, Any] = {"event_id": event.public_id}
        for name in ("user_id", "course_id", "enrollment_id"):
            if (value := getattr(event, name)) is not None:
                payload[name] = value
        if person := self._people.get(event.user_id):
            payload["learner"] = _learner(person)
            if person.is_test:
                payload[TEST] = True
        if course := self._courses.get(event.course_id):
            payload["course"] = {"code": course.code, "title": course.title}
        subject = event.type.partition(".")[0]
        if compose_subject := _SUBJECTS.get(subject):
            payload |= compose_subject(self, event)
        return payload | event.facts

    # --- What each type adds ---------------------------------------------------------------------
    def _session(self, event: Event) -> dict:
        session = self._sessions.get(UUID(event.subject))
        if session is None:
            return {"session_id": event.subject}
        lasted = (session.end_time or session.last_activity_at) - session.start_time
        return {
            "session_id": event.subject,
            "start_time": session.start_time,
            "end_time": session.end_time,
            "end_reason": session.end_reason,
            "duration_seconds": round(lasted.total_seconds(), 3),
            "active_seconds": session.active_ms / 1000,
            "idle_seconds": session.idle_ms / 1000,
        }

    def _content(self, event: Event) -> dict:
        found = {"content_id": int(event.subject)}
        if content := self._contents.get(int(event.subject)):
            found |= {
                "module_id": content.module_id,
                "content": {
                    "code": content.code,
                    "title": content.title,
                    "content_type": content.content_type,
                },
            }
        return found

    def _module(self, event: Event) -> dict:
        found: dict = {"module_id": int(event.subject)}
        if module := self._modules.get(int(event.subject)):
            found["module"] = {"code": module.code, "title": module.title}
        return found

    def _course(self, event: Event) -> dict:
        enrollment = self._enrollments.get(event.enrollment_id)
        if enrollment is None:
            return {}
        progress = enrollment.course_progress
        return {
            "cycle": enrollment.cycle,
            "completed_at": progress.completed_at,
            "time_spent_seconds": progress.time_ms / 1000,
        }

    def _enrollment(self, event: Event) -> dict:
        enrollment = self._enrollments.get(event.enrollment_id)
        if enrollment is None:
            return {}
        progress = getattr(enrollment, "course_progress", None)
        return {
            "cycle": enrollment.cycle,
            "enrolled_at": enrollment.enrolled_at,
            "due_at": enrollment.due_at,
            "completion_percentage": progress.completion_bp / 100 if progress else 0.0,
        }

    def _certificate(self, event: Event) -> dict:
        return self._certificates.get(int(event.subject), {})

    def _alert(self, event: Event) -> dict:
        return {"alert_id": int(event.subject)} | self._alerts.get(int(event.subject), {})


_SUBJECTS: dict[str, Callable[[_Composer, Event], dict]] = {
    "session": _Composer._session,
    "content": _Composer._content,
    "module": _Composer._module,
    "course": _Composer._course,
    "enrollment": _Composer._enrollment,
    "certificate": _Composer._certificate,
    "alert": _Composer._alert,
}


def _learner(person: User) -> dict:
    return {
        "username": person.username,
        "full_name": person.full_name,
        "email": person.email,
        "department": person.department,
        "external_id": person.external_id,
        "is_active": person.is_active,
    }


def _ids(events: Iterable[Event], name: str) -> list[int]:
    return list({value for each in events if (value := getattr(each, name)) is not None})
