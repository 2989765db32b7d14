"""Quizzes that practise skills, and learners who answer them."""

from datetime import datetime

from django.utils import timezone

from analytics.facts.mastery import tracing
from analytics.facts.rollups import folding
from analytics.models import LearnerSkill
from progress.jobs import Run
from progress.models import Content
from tests.factories import a_session, content, report


def a_quiz(*skills: str, questions: int = 4, **changes) -> dict:
    return {
        "content_type": "quiz",
        "title": "What to do",
        "skills": list(skills),
        "questions": [
            {
                "code": f"q{n}",
                "text": f"Question {n}?",
                "choices": [{"text": "right", "correct": True}, {"text": "wrong"}],
            }
            for n in range(questions)
        ],
    } | changes


def answer(learner, course, right: int, *, at: datetime, code="c1", of: int | None = None):
    """Submit an attempt with so many right answers; `of` is the number of answered questions."""
    quiz: Content = content(course, code)
    session = a_session(course, learner, now=at)
    events = []
    for number, question in enumerate(quiz.questions.all()[:of]):
        choice = question.choices.get(text="right" if number < right else "wrong")
        events.append(
            {"interaction_type": "answer", "question_id": question.pk, "answer": [choice.pk]}
        )
    events.append({"interaction_type": "submit"})
    receipt = report(session, *[{"content_id": quiz.pk} | each for each in events], now=at)
    assert {outcome.status for outcome in receipt.outcomes} == {"accepted"}


def traced(now: datetime | None = None) -> dict[tuple[int, str], LearnerSkill]:
    """All skills after the two jobs have run, as `{(user id, skill): row}`."""
    now = now or timezone.now()
    folding.fold_new(Run("fold", now))
    tracing.trace_due(Run("trace", now))
    return {(row.user_id, row.skill): row for row in LearnerSkill.objects.all()}
