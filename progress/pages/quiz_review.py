"""The review of a submitted attempt: own answers, right ones, explanations, where it is taught.

What gives the right answer away, explanations included, waits until the learner may know it: after
a pass, or after the last attempt. A choice that was chosen explains itself at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from progress.models import Choice, Question, QuizAnswer, QuizAttempt
from progress.rules.grading import AnswerPart, correct_answer
from progress.rules.quizzes import AnswerKey
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

from . import outline, words
from .places import place


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A submitted attempt in the list of attempts."""

    number: int
    submitted_at: datetime
    submitted: str
    percent: int
    score: str  # in percent, as words
    right: int
    questions: int
    passed: bool | None
    time: str
    is_shown: bool
    was_timed_out: bool


@dataclass(frozen=True, slots=True)
class ReviewedChoice:
    text: str
    is_own: bool
    image: str
    image_alt: str
    is_right: bool | None  # None as long as it must not be shown
    explanation: str  # "" without one, or as long as it must not be shown


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where a question is taught."""

    title: str
    place: str  # `2:05`, `page 4`, `paragraph 3`; "" for the whole content
    url: str


@dataclass(frozen=True, slots=True)
class ReviewedQuestion:
    """With its `choices`; or, where it isn't answered by choosing, with `own` and `correct`: both
    as lines to show, and the latter None as long as it must not be shown."""

    text: str
    image: str
    image_alt: str
    is_right: bool
    is_answered: bool
    choices: list[ReviewedChoice]
    time: str
    explanation: str
    lesson: Lesson | None
    is_ordered: bool = False
    own: list[str] | None = None
    correct: list[str] | None = None


def attempt_row(content: ContentSpec, attempt: QuizAttempt, is_shown: bool) -> AttemptRow:
    return AttemptRow(
        number=attempt.number,
        submitted_at=attempt.submitted_at,
        submitted=words.moment(attempt.submitted_at),
        percent=attempt.score_bp // 100,
        score=words.score(attempt.score_bp, content.pass_bp),
        right=attempt.correct_count,
        questions=attempt.question_count,
        passed=attempt.passed,
        time=words.spent(attempt.time_ms),
        is_shown=is_shown,
        was_timed_out=attempt.was_timed_out,
    )


def review(
    state: CourseState,
    content: ContentSpec,
    questions: list[Question],
    attempt: QuizAttempt,
    key: AnswerKey | None,
) -> dict:
    """`questions` are those of the attempt; `key` is None as long as the learner must not know
    what is right."""
    reviewed = [_reviewed(state, question, attempt, key) for question in questions]
    return {
        "attempt": attempt_row(content, attempt, True),
        "questions": reviewed,
        "shows_key": key is not None,
        "late_answers": _late_answers(attempt),
        # The author has changed the quiz since then; the score stays as it was.
        "has_changed": len(reviewed) != attempt.question_count,
    }


def _late_answers(attempt: QuizAttempt) -> int:
    """How many questions were answered after the time limit; such answers don't count."""
    if attempt.ends_at is None:
        return 0
    late = QuizAnswer.objects.filter(attempt=attempt, user=attempt.user_id, is_late=True)
    return late.aggregate(count=Count("question", distinct=True))["count"]


def _reviewed(
    state: CourseState, question: Question, attempt: QuizAttempt, key: AnswerKey | None
) -> ReviewedQuestion:
    own = attempt.answers.get(str(question.pk), (0, []))[1]
    right = None if key is None else key.get(question.pk)
    is_right = question.pk in attempt.right_questions
    reviewed = ReviewedQuestion(
        text=question.text,
        image=question.image,
        image_alt=question.image_alt,
        is_right=is_right,
        is_answered=bool(own),
        choices=[],
        time=words.spent(attempt.question_ms.get(str(question.pk), 0)),
        explanation=question.explanation if is_right or right is not None else "",
        lesson=_lesson(state, question),
    )
    if question.question_type in Question.NOT_CHOSEN:
        texts = {choice.pk: choice.text for choice in question.choices.all()}
        return replace(
            reviewed,
            is_ordered=question.question_type == Question.Type.ORDERING,
            own=_lines(own, texts),
            correct=None if right is None else _lines(correct_answer(right), texts),
        )
    return replace(
        reviewed,
        choices=[
            _choice(choice, own, right)
            for choice in question.choices.all()
            if choice.pk in own or not choice.retired_at
        ],
    )


def _choice(choice: Choice, own: list, right) -> ReviewedChoice:
    is_own = choice.pk in own
    return ReviewedChoice(
        text=choice.text,
        image=choice.image,
        image_alt=choice.image_alt,
        is_own=is_own,
        is_right=None if right is None else choice.pk in right,
        explanation=choice.explanation if is_own or right is not None else "",
    )


def _lesson(state: CourseState, question: Question) -> Lesson | None:
    """Where the question is taught, if the learner can go there."""
    content = state.structure.contents.get(question.taught_in_id or 0)
    if content is None or not content.is_active or not state.is_open(content):
        return None
    url = outline.content_url(state.structure.course_id, content.id)
    at = question.taught_at
    if at is None:
        return Lesson(content.title, "", url)
    if content.is_media or content.is_paged:
        return Lesson(content.title, place(content, at), f"{url}#at={at}")
    name = _("paragraph %(number)s") % {"number": at}
    return Lesson(content.title, name, f"{url}#paragraph={at}")


def _lines(answer: list[AnswerPart], texts: dict[int, str]) -> list[str]:
    """An answer as a line for each of its parts."""
    return [_line(part, texts) for part in answer]


def _line(part: AnswerPart, texts: dict[int, str]) -> str:
    if isinstance(part, list):
        return ": ".join(_line(each, texts) for each in part)
    return part if isinstance(part, str) else texts.get(part, str(part))
