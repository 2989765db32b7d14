"""Submitted attempts, added up by question. Read from the attempts, which are never deleted."""

from collections.abc import Collection, Mapping

from analytics.facts.store import upsert
from analytics.models import LearnerQuiz, QuestionRollup
from progress.models import Question, QuizAttempt

from . import questions


def count(learners: Mapping[int, int]) -> set[int]:
    """Update the questions' amounts from these enrolments' attempts: `{enrolment id: user id}`.

    Returns the enrolments that have something new.
    """
    fresh = {key: questions.contribution(attempts) for key, attempts in _attempts(learners).items()}
    stored = {
        (row.enrollment_id, row.content_id): row
        for row in LearnerQuiz.objects.filter(enrollment__in=list(learners))
    }
    moved: dict[int, list] = {}
    changed = []
    for key in sorted(fresh.keys() | stored.keys()):
        enrollment, content = key
        row = stored.get(key) or LearnerQuiz(
            enrollment_id=enrollment, user_id=learners[enrollment], content_id=content
        )
        now = fresh.get(key, {})
        if row.counted != now:
            _gather(moved, questions.difference(now, row.counted))
            row.counted = now
            changed.append(row)
    upsert(changed, ["content", "enrollment"], ["counted"])
    _add(moved)
    return {row.enrollment_id for row in changed}


def _attempts(enrollments: Collection[int]) -> dict[tuple[int, int], list[questions.Attempt]]:
    rows = QuizAttempt.objects.filter(
        enrollment__in=list(enrollments), submitted_at__isnull=False
    ).values_list(
        "enrollment_id", "content_id", "number", "answers", "right_questions", "question_ms"
    )
    found: dict[tuple[int, int], list[questions.Attempt]] = {}
    for enrollment, content, number, answers, right, times in rows:
        attempt = questions.Attempt(
            number,
            frozenset(int(question) for question in answers),
            frozenset(right or ()),
            {int(question): ms for question, ms in times.items()},
        )
        found.setdefault((enrollment, content), []).append(attempt)
    return found


def _gather(moved: dict[int, list], difference: Mapping) -> None:
    for question, (amounts, seconds) in difference.items():
        sums = moved.setdefault(question, [[0] * len(amounts), {}])
        sums[0] = [a + b for a, b in zip(sums[0], amounts, strict=True)]
        for second, answers in seconds.items():
            sums[1][second] = sums[1].get(second, 0) + answers


def _add(moved: Mapping[int, list]) -> None:
    stored = QuestionRollup.objects.in_bulk(list(moved))
    new = dict(
        Question.objects.filter(pk__in=moved.keys() - stored.keys()).values_list("pk", "content_id")
    )
    rows = []
    for question, (amounts, seconds) in sorted(moved.items()):
        row = stored.get(question)
        if row is None:
            row = QuestionRollup(question_id=question, content_id=new[question])
        for name, amount in zip(questions.AMOUNTS, amounts, strict=True):
            setattr(row, name, getattr(row, name) + amount)
        row.seconds = row.seconds or [0] * (questions.MAX_SECONDS + 1)
        for second, answers in seconds.items():
            row.seconds[second] += answers
        rows.append(row)
    upsert(rows, ["question"], [*questions.AMOUNTS, "seconds"])
