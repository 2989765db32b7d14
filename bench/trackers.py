"""The trackers of a bench: learners with open sessions, and the requests that they send."""

import itertools
import json
import uuid
from collections.abc import Callable, Iterator

from bench.comparison import CONTENTS
from bench.load import request

COURSES = 10
API = "/api/employee"


class Learner:
    """An enrolled learner with an open session."""

    def __init__(self, user, course, contents: list[int], session, token: str):
        self.user_id, self.course_id, self.contents = user, course, contents
        self.session_id, self.authorization = str(session), f"Session {token}"
        self.sequence = 0

    def event(self, seconds: float = 5) -> dict:
        self.sequence += 1
        start = self.sequence * seconds % 30_000
        return {
            "content_id": self.contents[self.sequence // 40 % len(self.contents)],
            "interaction_type": "progress",
            "segments": [[start, start + seconds]],
            "position": start + seconds,
            "duration_seconds": seconds,
            "event_id": str(uuid.uuid4()),
            "sequence": self.sequence,
        }

    def report(self, count: int) -> bytes:
        """A flat event for 0, else a batch in its envelope."""
        events = [self.event() for _ in range(max(count, 1))]
        body = events[0] if count == 0 else {"session_id": self.session_id, "events": events}
        return request(f"{API}/update_progress", json.dumps(body).encode(), self.authorization)

    def end(self) -> bytes:
        body = json.dumps({"session_id": self.session_id}).encode()
        return request(f"{API}/end_session", body, self.authorization)

    def read(self) -> bytes:
        path = f"{API}/realtime_progress/{self.user_id}/{self.course_id}"
        return request(path, b"", self.authorization, "GET")


def a_group(learners: int) -> tuple[list[Learner], list[bytes]]:
    """Learners spread over the courses; and requests that start a session for each.

    The second third of the group are the same learners on another device, the last on one whose
    sessions are to be ended.
    """
    from datetime import timedelta

    from django.utils import timezone

    from progress import ingest
    from progress.catalogue import replace_course
    from progress.ingest.enrolling import enroll
    from progress.models import Content, User
    from progress.security import tokens
    from tests.factories import an_integrator

    began = timezone.now() - timedelta(minutes=25)  # less than what ends a silent session
    courses = []
    for number in range(COURSES):
        contents = [
            {"code": f"c{n}", "content_type": "video", "duration_seconds": 36_000}
            for n in range(CONTENTS)
        ]
        made = replace_course(
            {
                "code": f"course{number}",
                "title": f"Course {number}",
                "modules": [
                    {"code": f"m{n}", "title": f"M{n}", "contents": contents[n * 5 : n * 5 + 5]}
                    for n in range(4)
                ],
            }
        )
        ids = (
            Content.objects.filter(module__course=made).order_by("pk").values_list("pk", flat=True)
        )
        courses.append((made.pk, list(ids)))
    devices: list[list[Learner]] = [[], [], []]
    for number in range(learners):
        user = User.objects.create(username=f"learner{number}", email=f"l{number}@example.org")
        course, contents = courses[number % COURSES]
        enroll(user.pk, course, now=began)
        for device in devices:
            session = ingest.start(user_id=user.pk, course_id=course, now=began).session
            claims = tokens.SessionClaims(session.pk, user.pk, course, session.enrollment_id)
            device.append(
                Learner(user.pk, course, contents, session.pk, tokens.issue_session_token(claims))
            )
    key = a_key(an_integrator("add_learningsession", "view_courseprogress"))
    starts = [
        request(
            f"{API}/start_session",
            json.dumps({"user_id": each.user_id, "course_id": each.course_id}).encode(),
            f"Token {key}",
        )
        for each in devices[0]
    ]
    return list(itertools.chain(*devices)), starts


def a_key(user) -> str:
    from progress.security.keys import make_key

    return make_key(user, lifetime=None)[1]


def turns(group: list[Learner], wire: Callable[[Learner], bytes]) -> Iterator[bytes]:
    return (wire(learner) for learner in itertools.cycle(group))


def by_turns(group: list[Learner]) -> Iterator[bytes]:
    """Of each learner both devices, one directly after the other."""
    third = len(group) // 3
    pairs = zip(group[:third], group[third : 2 * third], strict=True)
    return turns([each for pair in pairs for each in pair], lambda each: each.report(0))
