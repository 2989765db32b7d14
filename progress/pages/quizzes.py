"""The page of a quiz: the questions to answer, or the review of an attempt."""

from collections.abc import Callable
from functools import partial

from django.db.models import Prefetch
from django.http import QueryDict

from progress.catalogue.export import question_type
from progress.models import Choice, Question, QuizAttempt
from progress.state import draws
from progress.state.course_state import CourseState, attempts_at, visible_answer_key
from progress.state.structure import ContentSpec

from . import words
from .asking import Asked, ask
from .quiz_review import attempt_row, review

Order = Callable[[list[int]], list[int]]
# True comes before false, and arranged choices are shuffled anyway.
_MIXED = (Question.Type.SINGLE, Question.Type.MULTIPLE)


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
            "review": review(state, content, _seen(content, reviewed), reviewed, key),
            "is_course_complete": is_newest and state.is_complete,
        }
    if content.time_limit_seconds is not None and not is_in_progress:
        return context | {"quiz_start": _start_context(content, context["number"])}
    return context | _answering_context(
        state, content, last if is_in_progress else None, context["number"]
    )


def open_answers(state: CourseState, content: ContentSpec) -> dict:
    """The answers of the open attempt, `{question id: [revision, [choice ids]]}`; empty if none."""
    attempts = attempts_at(state, content)
    return attempts[-1].answers if attempts and not attempts[-1].submitted_at else {}


# --- Starting ---
def _start_context(content: ContentSpec, number: int) -> dict:
    """What a learner reads before the time of an attempt begins."""
    return {
        "attempt": number,
        "limit": words.duration(content.time_limit_seconds or 0),
        "questions": content.question_count,
    }


# --- Answering -----------------------------------------------------------------------------------
def _answering_context(
    state: CourseState, content: ContentSpec, attempt: QuizAttempt | None, number: int
) -> dict:
    answers = attempt.answers if attempt else {}
    enrollment_id = state.enrollment.pk
    drawn = attempt.drawn_questions if attempt else draws.draw_for(content, enrollment_id, number)
    order = partial(draws.choices_in_order, content, enrollment_id, number)
    by_id = {question.pk: question for question in _questions(content)}
    return {
        "quiz": {"answers": answers, "attempt": number},
        "quiz_words": words.for_quiz(),
        "time_so_far": words.spent(attempt.time_ms) if attempt else "",
        "clock": _clock(state, attempt),
        "begun": words.moment(attempt.started_at) if attempt else "",
        "questions": [
            _asked(by_id[pk], answers.get(str(pk), (0, []))[1], order)
            for pk in draws.asked_key(content, drawn)
        ],
    }


def _clock(state: CourseState, attempt: QuizAttempt | None) -> dict | None:
    """The time that is left of an attempt with a limit, by the server's clock."""
    if attempt is None or attempt.ends_at is None:
        return None
    seconds = max(int((attempt.ends_at - state.now).total_seconds()), 0)
    return {"seconds": seconds, "left": words.clock(seconds * 1000)}


def _asked(question: Question, answer: list, order: Order) -> Asked:
    choices = [choice for choice in question.choices.all() if not choice.retired_at]
    kind = question_type(question, choices)
    if kind in _MIXED:
        by_id = {choice.pk: choice for choice in choices}
        choices = [by_id[pk] for pk in order(list(by_id))]
    return ask(question, kind, choices, answer)


def _seen(content: ContentSpec, attempt: QuizAttempt) -> list[Question]:
    """The questions of a submitted attempt, in the order in which it asked them."""
    questions = _questions(content)
    if attempt.drawn_questions is None:
        return [
            question
            for question in questions
            if question.pk in content.answer_key or str(question.pk) in attempt.answers
        ]
    by_id = {question.pk: question for question in questions}
    return [
        by_id[pk]
        for pk in attempt.drawn_questions
        if pk in content.answer_key or str(pk) in attempt.answers
    ]


def _questions(content: ContentSpec) -> list[Question]:
    """All questions of a quiz, also retired ones, with their choices, in order."""
    choices = Prefetch("choices", Choice.objects.order_by("position", "pk"))
    return list(
        Question.objects.filter(content_id=content.id)
        .order_by("position", "pk")
        .prefetch_related(choices)
    )
