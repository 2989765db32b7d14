"""Who is to be traced anew. Without the libraries that tracing takes, as every process loads it."""

from collections.abc import Collection

from analytics.models import TraceDue


def mark(user_ids: Collection[int]) -> None:
    """Have these learners traced soon; called in the transaction that changed their answers."""
    TraceDue.objects.bulk_create(
        [TraceDue(user_id=user) for user in sorted(user_ids)], ignore_conflicts=True
    )
