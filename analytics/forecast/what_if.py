"""What forecasts would be if learners spent some hours in the coming week. Computed at once, by the
same model as every night, and stored nowhere."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from analytics.models import CompletionForecast

MIN_HOURS, MAX_HOURS = 0.0, 40.0


@dataclass(frozen=True, slots=True)
class WhatIf:
    """An enrolment's forecast now, and with so many hours in the coming week."""

    now: CompletionForecast
    then: CompletionForecast


def what_if(
    enrollments: Collection[tuple[int, int]], hours: float, now: datetime
) -> dict[int, WhatIf]:
    """By enrolment id, of open enrolments given as (id, course id); in a fixed number of
    statements. Where forecasts aren't shown, neither are these."""
    # Imported here for its cost: every process loads this module, and numpy takes a tenth of that.
    from analytics.facts.forecast import forecasting, tables
    from analytics.facts.forecast.coursework import USUAL
    from analytics.facts.forecast.futures import Plan

    works = tables.read(sorted({course_id for _, course_id in enrollments}), now)
    only = {enrollment_id for enrollment_id, _ in enrollments}
    plain, planned = (
        {
            row.enrollment_id: row
            for each in forecasting.forecasts(works, now, USUAL, only=only, plan=plan)
            for row in [each.row()]
        }
        for plan in (None, Plan(hours))
    )
    return {pk: WhatIf(row, planned[pk]) for pk, row in plain.items() if pk in planned}
