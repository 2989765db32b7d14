"""A learner who uses the API of the tracker."""

from rest_framework.test import APIClient

from tests.factories import a_learner

START = "/api/employee/start_session"
UPDATE = "/api/employee/update_progress"
END = "/api/employee/end_session"
VIDEO = {"content_type": "video", "duration_seconds": 60}


class Learner:
    """A learner with a browser, and a session once it is started."""

    def __init__(self, course):
        self.course = course
        self.user = a_learner(course)
        self.client = APIClient()
        self.client.force_login(self.user)
        self.started = None

    def start(self, **more):
        answer = self.client.post(START, {"course_id": self.course.pk} | more)
        self.started = answer.json()
        return answer

    def post(self, path, body, *, token=None, **extra):
        """With the session's token only: no cookie."""
        key = token or self.started["session_token"]
        return APIClient().post(path, body, HTTP_AUTHORIZATION=f"Session {key}", **extra)

    def update(self, body, **extra):
        return self.post(UPDATE, {"session_id": self.started["session_id"]} | body, **extra)

    def course_payload(self):
        return self.client.get(
            f"/api/employee/realtime_progress/{self.user.pk}/{self.course.pk}"
        ).json()


def beat(target, position, duration=15, **more):
    return {
        "content_id": target.pk,
        "interaction_type": "progress",
        "position": position,
        "duration_seconds": duration,
        **more,
    }


def error_of(answer) -> dict:
    body = answer.json()
    assert set(body) <= {"type", "errors", "events"}
    return body["errors"][0]
