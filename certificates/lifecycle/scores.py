"""The score that a certificate states, computed from the contents in its rules."""

from collections.abc import Sequence

from progress.models import ContentProgress


def score_bp(rules: Sequence[dict], enrollment_id: int) -> int | None:
    """Returns the weighted mean of the best quiz scores in basis points; None without any.

    `rules` are the rules of a certificate's contents. One query.
    """
    best = best_scores(rules, enrollment_id)
    whole = sum(rule["weight"] for rule in rules if rule["content_id"] in best)
    earned = sum(rule["weight"] * best.get(rule["content_id"], 0) for rule in rules)
    return round(earned / whole) if whole else None


def best_scores(rules: Sequence[dict], enrollment_id: int) -> dict[int, int]:
    """Returns the best score of each of these quizzes that has one, by content id."""
    quizzes = [rule["content_id"] for rule in rules if rule["content_type"] == "quiz"]
    if not quizzes:
        return {}
    rows = ContentProgress.objects.filter(enrollment_id=enrollment_id, content_id__in=quizzes)
    return dict(rows.exclude(best_score_bp=None).values_list("content_id", "best_score_bp"))
