"""What the page of a quiz shows."""

from progress.models import Content, QuizAttempt
from progress.reading import CourseReading
from progress.structure import ContentFacts


def material(reading: CourseReading, facts: ContentFacts) -> dict:
    """The questions, and the learner's attempts at them."""
    return {"questions": _questions(reading, facts), **_attempts(reading, facts)}


def open_answers(reading: CourseReading, facts: ContentFacts) -> dict:
    """The answers of the open attempt, `{question id: [revision, [choice ids]]}`; empty if none."""
    return _attempts(reading, facts)["quiz"]["answers"]


def _questions(reading: CourseReading, facts: ContentFacts):
    asked = Content.objects.get(pk=facts.id).questions.active().prefetch_related("choices")
    return [
        {
            "question": question,
            "choices": [c for c in question.choices.all() if c.retired_at is None],
            "is_multiple": len(facts.answer_key[question.pk]) > 1,
        }
        for question in asked
        if question.pk in facts.answer_key
    ]


def _attempts(reading: CourseReading, facts: ContentFacts) -> dict:
    attempts = list(
        QuizAttempt.objects.filter(
            enrollment_id=reading.enrollment.pk,
            user_id=reading.enrollment.user_id,
            content_id=facts.id,
        )
    )
    last = attempts[-1] if attempts else None
    is_open = last is not None and last.submitted_at is None
    closed = [attempt for attempt in attempts if attempt.submitted_at]
    left = None if facts.max_attempts is None else facts.max_attempts - len(closed)
    return {
        "attempts": closed,
        "pass_percent": None if facts.pass_bp is None else facts.pass_bp // 100,
        "attempts_left": left,
        "quiz": {
            "answers": last.answers if is_open else {},
            "attempt": last.number if is_open else None,
            "can_answer": is_open or left is None or left > 0,
        },
    }
