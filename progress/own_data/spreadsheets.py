"""Tables of a copy for people: sessions, progress and answers, with titles instead of ids."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from progress.files.downloads import in_chunks
from progress.models import (
    Choice,
    ContentProgress,
    Enrollment,
    LearningSession,
    Note,
    QuizAnswer,
    QuizAttempt,
    User,
)

Table = tuple[str, list[str], Iterable[list]]


def tables(user: User) -> Iterator[Table]:
    """(name, titles of the columns, rows) of each, in the language in force."""
    enrollments = list(Enrollment.objects.filter(user=user).values_list("pk", flat=True))
    yield "sessions", _session_header(), _sessions(enrollments)
    yield "progress", _progress_header(), _progress(enrollments)
    yield "answers", _answer_header(), _answers(enrollments)
    yield "notes", _note_header(), _notes(user)


def _session_header() -> list[str]:
    return [
        _("Course"),
        _("Began"),
        _("Ended"),
        _("Active minutes"),
        _("Pages"),
        _("Videos"),
        _("Quizzes"),
    ]


def _sessions(enrollments: list[int]) -> Iterator[list]:
    rows = LearningSession.objects.filter(enrollment__in=enrollments).select_related("course")
    for each in in_chunks(rows):
        yield [
            each.course.title,
            each.start_time.isoformat(),
            each.end_time.isoformat() if each.end_time else "",
            round(each.active_ms / 60_000, 2),
            each.pages_viewed,
            each.videos_watched,
            each.quizzes_attempted,
        ]


def _progress_header() -> list[str]:
    return [_("Course"), _("Cycle"), _("Content"), _("Percent"), _("Completed"), _("Minutes")]


def _progress(enrollments: list[int]) -> Iterator[list]:
    rows = ContentProgress.objects.filter(enrollment__in=enrollments).select_related(
        "enrollment__course", "content"
    )
    for each in in_chunks(rows):
        yield [
            each.enrollment.course.title,
            each.enrollment.cycle,
            each.content.title,
            each.completion_percentage,
            each.completed_at.isoformat() if each.completed_at else "",
            round(each.time_ms / 60_000, 2),
        ]


def _answer_header() -> list[str]:
    return [_("Quiz"), _("Attempt"), _("Question"), _("Answer"), _("Answered")]


def _answers(enrollments: list[int]) -> Iterator[list]:
    """Every revision of every answer; choices as their texts."""
    rows = QuizAnswer.objects.filter(attempt__enrollment__in=enrollments).select_related(
        "attempt__content", "question"
    )
    quizzes = QuizAttempt.objects.filter(enrollment__in=enrollments).order_by().values("content")
    choices = Choice.objects.filter(question__content__in=quizzes).order_by()
    texts = dict(choices.values_list("pk", "text"))
    for each in in_chunks(rows):
        chosen = "; ".join(texts.get(pk, str(pk)) for pk in each.choices or [])
        yield [
            each.attempt.content.title,
            each.attempt.number,
            each.question.text,
            chosen or ("" if each.other_answer is None else str(each.other_answer)),
            each.answered_at.isoformat(),
        ]


def _note_header() -> list[str]:
    return [_("Course"), _("Content"), _("Place"), _("Note"), _("Written")]


def _notes(user: User) -> Iterator[list]:
    rows = Note.objects.filter(user=user).select_related("content__module__course")
    for each in in_chunks(rows):
        yield [
            each.content.module.course.title,
            each.content.title,
            "" if each.position_milli is None else each.position_milli / 1000,
            each.text,
            each.written_at.isoformat(),
        ]
