"""The tables that `evaluate_risk` prints, line by line."""

from collections.abc import Iterable, Iterator, Mapping

from analytics.facts.risk.signs import measures as of_predictions
from analytics.facts.risk.signs.history import Cohort

from . import comparing, evaluation
from .ablation import Agreement
from .evaluation import DayMeasures, Predictions
from .provenance import trace

HEAD = "  day  learners  failed     AUC      AP   Brier     ECE  worst presentation"
GROUP_HEAD = (
    "attribute          group                          n  failed  called   false  missed    AUC"
    "  predicted     off"
)
DIFFERENCE_HEAD = "AUC less that of                    value     95 % interval"
PART_HEAD = "part            learners  failed     AUC     ECE"
RELIABILITY_HEAD = "learners  predicted  failed"


def measures(days: Iterable[Predictions]) -> Iterator[str]:
    yield HEAD
    for each in days:
        row = evaluation.measure(each)
        if row is None:
            yield f"{each.day:5.0f}         0  nobody to measure by"
            continue
        yield (
            f"{row.day:5.0f}  {row.learners:8,}  {row.failed:6.3f}  {row.auc:6.4f}  "
            f"{row.average_precision:6.4f}  {row.brier:6.4f}  {row.calibration_error:6.4f}  "
            f"{row.worst} {row.worst_auc:.4f}"
        )


def fairness(day: Predictions, threshold: float) -> Iterator[str]:
    rows = evaluation.fairness(day, threshold) if len(day) else []
    if rows:
        yield f"\nday {day.day:.0f}, calling everybody from {threshold:.0%}"
        yield GROUP_HEAD
    for row in rows:
        yield (
            f"{row.attribute:<18} {row.group:<27.27} {row.learners:>5,}  "
            f"{row.failed:6.3f}  {row.called:6.3f}  {row.false_alarms:6.3f}  "
            f"{row.missed:6.3f}  {row.auc:.3f}  {row.predicted:9.3f}  {row.off:+6.3f}"
        )


def differences(own: Predictions, others: Mapping[str, Predictions], draws: int) -> Iterator[str]:
    """How much better this AUC is than that of each of the others, for the same learners."""
    if not others or not len(own):
        return
    yield f"\nday {own.day:.0f}, {draws:,} draws of learners"
    yield DIFFERENCE_HEAD
    for name, other in others.items():
        found = comparing.auc_difference(own.outcome, own.risk, other.risk, own.learner, draws)
        auc = of_predictions.auc(other.outcome, other.risk)
        title = f"{name} ({auc:.4f})"
        yield f"{title:<34} {found.value:+.4f}  {found.low:+.4f} to {found.high:+.4f}"


def details(day: Predictions) -> Iterator[str]:
    """By presentation, by module, and how many failed at each tenth of the scale."""
    if not len(day):
        return
    yield f"\nday {day.day:.0f}"
    yield PART_HEAD
    yield from map(_part, evaluation.by_part(day))
    yield from map(_part, evaluation.by_part(day, modules=True))
    yield RELIABILITY_HEAD
    for learners, predicted, failed in of_predictions.reliability(day.outcome, day.risk):
        yield f"{learners:8,}  {predicted:9.3f}  {failed:6.3f}"


def _part(row: DayMeasures) -> str:
    return (
        f"{row.worst:<14}  {row.learners:8,}  {row.failed:6.3f}  {row.auc:6.4f}  "
        f"{row.calibration_error:6.4f}"
    )


def agreement(days: Iterable[tuple[Agreement, Agreement]]) -> Iterator[str]:
    yield "\nreasons and ablation: correlation of shares, same largest raising reason"
    yield "  day  learners  as shown          by paths"
    for shown, by_path in days:
        numbers = (shown.correlation, shown.largest, by_path.correlation, by_path.largest)
        correlation, largest, *others = (f"{number:6.3f}" for number in numbers)
        yield (
            f"{shown.day:5.0f}  {shown.learners:8,}  {correlation}  {largest}    "
            + "  ".join(others)
        )


def provenance(cohort: Cohort, day: float) -> Iterator[str]:
    yield f"\nwhat each feature is made of, as known on day {day:.0f}"
    for each in trace(cohort, day):
        yield f"{each.feature:<32} {'; '.join(each.sources)}"
