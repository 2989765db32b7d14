"""Writing computed rows: one writer at a time, many rows in a statement."""

from collections.abc import Collection, Iterable

from analytics.models import RollupSource
from progress.models.learner_keys import unique_fields

EVIDENCE, REGRADES = "evidence", "regrades"
BATCH = 2000


def lock() -> RollupSource:
    """Locks the row that every writer of these tables holds until the end of its transaction."""
    RollupSource.objects.bulk_create(
        [RollupSource(name=name) for name in (EVIDENCE, REGRADES)], ignore_conflicts=True
    )
    return RollupSource.objects.select_for_update().get(name=EVIDENCE)


def upsert(rows: Iterable, unique: Collection[str], columns: Collection[str]) -> None:
    """Inserts rows, or replaces `columns` of those that have the same values of `unique`."""
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    for row in rows:
        if model._meta.pk.name == "id":
            row.pk = None
    model.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=unique_fields(model, unique),
        update_fields=list(columns),
        batch_size=BATCH,
    )
