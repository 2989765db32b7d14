"""The score that a certificate states, from the contents that it names."""

from collections.abc import Sequence

from progress.models import ContentProgress


def score_bp(rules: Sequence[dict], enrollment_id: int) -> int | None:
    """The best scores of the quizzes by weight, in basis points; None without any.

    `rules` are those of a certificate's contents. One statement.
    """
    best = best_scores(rules, enrollment_id)
    whole = sum(rule["weight"] for rule in rules if rule["content_id"] in best)
    earned = sum(rule["weight"] * best.get(rule["content_id"], 0) for rule in rules)
    return round(earned / whole) if whole else None


def best_scores(rules: Sequence[dict], enrollment_id: int) -> dict[int, int]:
    """The best score of each of these quizzes that has one, by content."""
    quizzes = [rule["content_id"] for rule in rules if rule["content_type"] == "quiz"]
    if not quizzes:
        return {}
    rows = ContentProgress.objects.filter(enrollment_id=enrollment_id, content_id__in=quizzes)
    return dict(rows.exclude(best_score_bp=None).values_list("content_id", "best_score_bp"))
