"""Realistic courses in one line, and the people in them.

Everything is made through the doors that the product itself uses: documents through
`replace_course`, learners through `enroll`, sessions through `ingest.start`.
"""

import copy
import itertools
from datetime import UTC, datetime

from django.contrib.auth.models import Permission
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from progress import ingest
from progress.catalogue import replace_course
from progress.ingest.enrolling import enroll
from progress.models import Content, Course, Enrollment, LearningSession, User

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
_number = itertools.count(1)

A_COURSE = {
    "code": "safety",
    "title": "Fire safety",
    "modules": [
        {
            "code": "see",
            "title": "See",
            "contents": [
                {
                    "code": "video",
                    "title": "Fire doors",
                    "content_type": "video",
                    "url": "/static/demo/doors.mp4",
                    "duration_seconds": 60,
                },
                {
                    "code": "audio",
                    "title": "Alarm sounds",
                    "content_type": "audio",
                    "url": "/static/demo/alarm.mp3",
                    "duration_seconds": 20,
                },
            ],
        },
        {
            "code": "read",
            "title": "Read",
            "contents": [
                {
                    "code": "pages",
                    "title": "House rules",
                    "content_type": "document",
                    "url": "/static/demo/rules.pdf",
                    "page_count": 10,
                },
                {
                    "code": "text",
                    "title": "What fire needs",
                    "content_type": "text",
                    "url": "",
                    "reading_seconds": 80,
                },
            ],
        },
        {
            "code": "check",
            "title": "Check",
            "contents": [
                {
                    "code": "quiz",
                    "title": "What to do",
                    "content_type": "quiz",
                    "pass_percentage": 75,
                    "questions": [
                        {
                            "code": f"q{number}",
                            "text": f"Question {number}?",
                            "choices": [
                                {"text": "right", "correct": True},
                                {"text": "wrong"},
                                {"text": "also right", "correct": True},
                            ],
                        }
                        for number in range(1, 5)
                    ],
                }
            ],
        },
    ],
}


def a_document(**changes) -> dict:
    """The document of a course with every type of content, under a code of its own."""
    return copy.deepcopy(A_COURSE) | {"code": f"course-{next(_number)}"} | changes


def a_course(**changes) -> Course:
    """A course of three modules: 60 s video, 20 s audio, 10 pages, a text, a quiz of four."""
    return replace_course(a_document(**changes))


def a_test_course(**changes) -> Course:
    """The same course, marked as test."""
    return replace_course(a_document(**changes), is_test=True)


def a_course_of(*contents: dict, **changes) -> Course:
    """A course of one module with these contents; codes c1, c2, … unless they name their own."""
    numbered = [{"code": f"c{index}"} | content for index, content in enumerate(contents, 1)]
    return a_course(modules=[{"code": "m", "contents": numbered}], **changes)


def fifty_contents() -> Course:
    """A course of five modules with ten contents each."""
    kinds = itertools.cycle(
        [
            {"content_type": "video", "duration_seconds": 60},
            {"content_type": "document", "page_count": 5},
            {"content_type": "text"},
            {"content_type": "embed", "completion_source": "reported"},
        ]
    )
    return a_course(
        modules=[
            {
                "code": f"m{module}",
                "contents": [{"code": f"c{content}", **next(kinds)} for content in range(10)],
            }
            for module in range(5)
        ]
    )


def content(course: Course, code: str) -> Content:
    return Content.objects.get(module__course=course, code=code)


def a_user(**changes) -> User:
    username = changes.pop("username", f"person-{next(_number)}")
    return User.objects.create_user(username, password=changes.pop("password", None), **changes)


def scheduled(task: str, *, minutes: int = 1) -> PeriodicTask:
    """An entry of the schedule, in place of the declared one."""
    PeriodicTask.objects.filter(task=task).delete()
    interval, _ = IntervalSchedule.objects.get_or_create(every=minutes, period="minutes")
    return PeriodicTask.objects.create(name=task, task=task, interval=interval)


def a_learner(course: Course | None = None, **changes) -> User:
    """A learner, enrolled in `course` if one is given."""
    user = a_user(**changes)
    if course is not None:
        enrolled(user, course)
    return user


def an_instructor(*courses: Course, **changes) -> User:
    user = a_user(is_staff=True, **changes)
    user.courses_taught.set(courses)
    return user


def an_integrator(*permissions: str) -> User:
    """A service account with these permissions, such as "view_course"."""
    return grant(a_user(), *permissions)


def grant(user: User, *permissions: str) -> User:
    """Give exactly these permissions of the app."""
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="progress", codename__in=permissions)
    )
    return user


def enrolled(user: User, course: Course, *, now: datetime = NOON) -> Enrollment:
    return enroll(user.pk, course.pk, now=now).enrollment


def a_session(course: Course, user: User | None = None, *, now: datetime = NOON, **changes):
    """A session of `user` (or of a new learner of the course) that starts at `now`."""
    user = user or a_learner(course)
    started = ingest.start(user_id=user.pk, course_id=course.pk, now=now, **changes)
    return LearningSession.objects.get(pk=started.session.pk)


def report(session: LearningSession, *events: dict, now: datetime, sent_ms: int | None = None):
    """Deliver events of a session as received at `now`; returns the receipt."""
    everybody = LearningSession.objects.all()
    return ingest.record(
        ingest.delivery_to(everybody, session.pk, list(events), sent_ms=sent_ms, now=now)
    )
