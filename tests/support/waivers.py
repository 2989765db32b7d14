"""A course with a pre-test and alternatives, and learners who take them."""

from datetime import datetime, timedelta

from progress.models import Course, Enrollment, LearningSession
from tests.factories import NOON, a_course_of, a_learner, a_session, content, report

from .quiz_answers import a_quiz

LATER = NOON + timedelta(minutes=30)
FILM = {"content_type": "video", "title": "The film", "duration_seconds": 10}
BOOK = {"content_type": "document", "title": "The book", "page_count": 2}
WALK = {"content_type": "embed", "completion_source": "reported", "title": "A walk"}
PRE_TEST = a_quiz(
    title="Do you know it?",
    required=False,
    pass_percentage=75,
    max_attempts=1,
    waives=["film", "book"],
)


def a_tested_course(**changes) -> Course:
    """A pre-test that waives a film and a book, and also a walk; all have the same weight."""
    return a_course_of(
        {"code": "test"} | PRE_TEST,
        {"code": "film"} | FILM,
        {"code": "book"} | BOOK,
        {"code": "walk"} | WALK,
        **changes,
    )


def a_chosen_course(**changes) -> Course:
    """A film or a book, either of which is enough, and a walk."""
    group = {"alternative_group": "either"}
    return a_course_of(
        {"code": "film"} | FILM | group,
        {"code": "book"} | BOOK | group,
        {"code": "walk"} | WALK,
        **changes,
    )


def begun(course: Course, **learner) -> LearningSession:
    return a_session(course, a_learner(course, **learner))


def tested(**learner) -> LearningSession:
    """A learner who has passed the pre-test, so that the film and the book are waived."""
    session = begun(a_tested_course(), **learner)
    take(session, "test", right=4)
    return session


def take(session: LearningSession, code: str, right: int, *, now: datetime = LATER):
    """Submit a quiz with so many right answers. Returns the receipt."""
    quiz = content(Course.objects.get(pk=session.course_id), code)
    events = []
    for number, question in enumerate(quiz.questions.all()):
        choice = question.choices.get(text="right" if number < right else "wrong")
        events.append(
            {"interaction_type": "answer", "question_id": question.pk, "answer": [choice.pk]}
        )
    events.append({"interaction_type": "submit"})
    return report(session, *[{"content_id": quiz.pk} | each for each in events], now=now)


def watch(session: LearningSession, until: float, *, now: datetime = LATER, code="film"):
    film = content(Course.objects.get(pk=session.course_id), code)
    event = {"interaction_type": "progress", "segments": [[0, until]], "duration_seconds": until}
    return report(session, event | {"content_id": film.pk}, now=now)


def walk(session: LearningSession, *, now: datetime = LATER):
    place = content(Course.objects.get(pk=session.course_id), "walk")
    event = {"interaction_type": "progress", "completion_percentage": 100}
    return report(session, event | {"content_id": place.pk}, now=now)


def fresh(session: LearningSession) -> Enrollment:
    return Enrollment.objects.select_related("course", "course_progress").get(
        pk=session.enrollment_id
    )
