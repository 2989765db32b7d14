"""The page of a quiz: the questions to answer, or the review of an attempt."""

from django.db.models import Prefetch
from django.http import QueryDict

from progress.catalogue.export import question_type
from progress.models import Choice, Question, QuizAttempt
from progress.state.course_state import CourseState, attempts_at, visible_answer_key
from progress.state.structure import ContentSpec

from . import words
from .asking import Asked, ask
from .quiz_review import attempt_row, review


def quiz_context(state: CourseState, content: ContentSpec, query: QueryDict) -> dict:
    """The template's context: either `quiz` and `questions` to answer, or a `review`.

    A submitted attempt is reviewed if the URL asks for it (`?attempt=2`) or none is open; `?again`
    asks for a new one. Nothing is written before its first answer.
    """
    attempts = attempts_at(state, content)
    last = attempts[-1] if attempts else None
    is_in_progress = last is not None and last.submitted_at is None
    closed = [attempt for attempt in attempts if attempt.submitted_at]
    attempts_left = (
        None if content.max_attempts is None else max(content.max_attempts - len(closed), 0)
    )
    can_answer = is_in_progress or attempts_left != 0
    number = query.get("attempt")
    reviewed = next((each for each in closed if str(each.number) == number), None)
    if reviewed is None and closed and not (is_in_progress or (can_answer and "again" in query)):
        reviewed = closed[-1]
    context = {
        "attempts": [
            attempt_row(content, attempt, attempt is reviewed) for attempt in reversed(closed)
        ],
        "attempts_left": attempts_left,
        "max_attempts": content.max_attempts,
        "pass_percent": None if content.pass_bp is None else words.percent(content.pass_bp),
        "can_answer": can_answer,
        "number": last.number if is_in_progress else len(attempts) + 1,
        "is_in_progress": is_in_progress,
    }
    if reviewed:
        key = visible_answer_key(state, content, attempts)
        is_newest = reviewed is last
        return context | {
            "review": review(state, content, _questions(content), reviewed, key),
            "is_course_complete": is_newest and state.is_complete,
        }
    return context | _answering_context(
        content, last if is_in_progress else None, context["number"]
    )


def open_answers(state: CourseState, content: ContentSpec) -> dict:
    """The answers of the open attempt, `{question id: [revision, [choice ids]]}`; empty if none."""
    attempts = attempts_at(state, content)
    return attempts[-1].answers if attempts and not attempts[-1].submitted_at else {}


# --- Answering -----------------------------------------------------------------------------------
def _answering_context(content: ContentSpec, attempt: QuizAttempt | None, number: int) -> dict:
    answers = attempt.answers if attempt else {}
    return {
        "quiz": {"answers": answers, "attempt": number},
        "quiz_words": words.for_quiz(),
        "time_so_far": words.spent(attempt.time_ms) if attempt else "",
        "begun": words.moment(attempt.started_at) if attempt else "",
        "questions": [
            _asked(question, answers.get(str(question.pk), (0, []))[1])
            for question in _questions(content)
            if question.pk in content.answer_key
        ],
    }


def _asked(question: Question, answer: list) -> Asked:
    choices = [choice for choice in question.choices.all() if not choice.retired_at]
    return ask(question, question_type(question, choices), choices, answer)


def _questions(content: ContentSpec) -> list[Question]:
    """All questions of a quiz, also retired ones, with their choices, in order."""
    choices = Prefetch("choices", Choice.objects.order_by("position", "pk"))
    return list(
        Question.objects.filter(content_id=content.id)
        .order_by("position", "pk")
        .prefetch_related(choices)
    )
