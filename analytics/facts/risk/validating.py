"""Validates the stored predictions by week of each course, every night: the only writer of
`RiskValidation`. The decision is in `gate`; how right scores were by department in
`by_department`."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import numpy as np
from django.db import transaction

from analytics.models import RiskPrediction, RiskSource, RiskValidation

from . import adapting, by_department, gate, predictions, sources
from .gate import Validation
from .signs.history import Floats

# Of equally good ones, the first is shown.
ORDER = [str(RiskSource.BASE), str(RiskSource.ORGANISATION), str(RiskSource.COURSE)]


def learn(now: datetime) -> int:
    """What is done every night, before scoring: settle predictions whose time is over, adapt the
    model to them, and validate what may be shown. Returns how many outcomes were new."""
    settled = predictions.settle(now)
    base = sources.read(now).base
    adapting.adapt(base, now)
    validate(base.pk, now)
    return settled


@transaction.atomic
def validate(base_id: int, now: datetime) -> None:
    """Replace all validations by those of the model in use, whose row is `base_id`."""
    # The lock makes two runs at once take turns: the second would insert what the first has.
    list(RiskValidation.objects.select_for_update().order_by("pk").values_list("pk"))
    RiskValidation.objects.all().delete()
    RiskValidation.objects.bulk_create(_rows(base_id, now))
    by_department.store(base_id, now)


def _rows(base_id: int, now: datetime) -> Iterator[RiskValidation]:
    settled = RiskPrediction.objects.filter(base=base_id, has_failed__isnull=False)
    courses = settled.order_by("course_id").values_list("course_id", flat=True).distinct()
    for course_id in list(courses):
        for week, found in predictions.outcomes(course_id, base_id):
            for row in _week(found):
                row.course_id, row.week = course_id, week
                row.base_id, row.measured_at = base_id, now
                yield row


def _week(found: Mapping[str, tuple[Floats, Floats]]) -> Iterator[RiskValidation]:
    validated = {name: gate.validate(*found[name]) for name in ORDER if name in found}
    chosen = gate.best(validated)
    for name, each in validated.items():
        yield RiskValidation(
            source=name,
            verdict=each.verdict.value,
            is_chosen=name == chosen,
            outcomes=each.outcomes,
            failed=each.failed,
            **_measures(each),
        )


def _measures(validation: Validation) -> dict[str, float | None]:
    """Null for NaN: nothing could be measured."""
    return {
        name: None if np.isnan(value) else float(value)
        for name in ("auc", "auc_low", "calibration_error")
        for value in [getattr(validation, name)]
    }
