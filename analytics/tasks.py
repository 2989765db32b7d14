"""What analytics does without anybody asking; each is safe to run twice, also at once."""

from analytics.rollups import folding
from progress.jobs import Run, job


@job
def fold_rollups(run: Run) -> None:
    """Fold the evidence that has come since the last run into the rollups."""
    folding.fold_new(run)


@job
def follow_zones(run: Run) -> None:
    """Have the days of learners who moved counted in the zone they live in now."""
    run.rows = folding.mark_moved()
