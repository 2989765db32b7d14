"""Learns from an organisation's own answers how the next ones are predicted: the only writer of
`MasteryModel`.

The fitted model is used only where it has predicted answers that it wasn't fitted on better than
the rating in the skill does, for certain. Otherwise there is none, and the rating is used.
"""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Mod

from analytics.models import LearnerSkill, MasteryModel
from progress.models import QuizAttempt, marks

from . import fitting
from .fitting import Proof
from .states import SkillAnswer
from .tracing import in_order, mark, model_in_use, with_skills

MIN_ANSWERS = 3_000
MIN_LEARNERS = 100
MAX_ATTEMPTS = 30_000  # of more, those of some learners, all of theirs
GROWN = 1.2  # times as many attempts as were learned from, before it is learned again
MAX_CALIBRATION_ERROR = 0.05


def learn(now: datetime, *, anew: bool = False) -> Proof | None:
    """Fit, measure, and use the model or stop using it. Returns how it did; None where there are
    too few answers, or hardly more than were learned from last time (unless `anew`)."""
    attempts = marks.counted(with_skills())
    count = attempts.count()
    row = MasteryModel.objects.first()
    is_fresh = row is not None and count < GROWN * row.attempts and model_in_use() is not None
    if is_fresh and not anew:
        return None
    learners = _learners(attempts, count)
    proof = None
    if len(learners) >= MIN_LEARNERS and sum(map(len, learners)) >= MIN_ANSWERS:
        proof = fitting.prove(learners)
    if proof is not None and proof.is_better and proof.calibration_error <= MAX_CALIBRATION_ERROR:
        fitted = fitting.fit(fitting.divide(learners))
        metrics = asdict(proof)
        _replace(MasteryModel(document=fitted.document(), metrics=metrics, attempts=count), now)
    elif row is not None:
        _replace(None, now)
    return proof


@transaction.atomic
def _replace(row: MasteryModel | None, now: datetime) -> None:
    """What everybody knows is computed anew, by the model or by the rating."""
    MasteryModel.objects.all().delete()
    if row is not None:
        row.trained_at = now
        row.save(force_insert=True)
    mark(set(LearnerSkill.objects.order_by().values_list("user", flat=True).distinct()))


def _learners(attempts: QuerySet[QuizAttempt], count: int) -> list[list[SkillAnswer]]:
    """Each learner's answers in their order. Where there are many, those of some learners."""
    every = -(-count // MAX_ATTEMPTS)
    if every > 1:
        attempts = attempts.alias(part=Mod(F("user_id"), every)).filter(part=0)
    by_learner: dict[int, list[SkillAnswer]] = {}
    for attempt in in_order(attempts):
        by_learner.setdefault(attempt.user_id, []).extend(
            SkillAnswer(question, tuple(attempt.skills), float(question in attempt.right))
            for question in attempt.answered
        )
    return list(by_learner.values())
