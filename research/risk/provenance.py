"""What each feature is computed from: recorded while it is computed, so that the list can't lie."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np

from analytics.facts.risk.signs.features import FEATURES
from analytics.facts.risk.signs.history import Cohort
from analytics.facts.risk.signs.view import View

# Each field of a cohort: its table and columns, and what is cut off before anything is joined.
SOURCES = {
    "attempts_before": "studentInfo.num_of_prev_attempts, known at registration",
    "load": "studentInfo.studied_credits, known at registration",
    "length": "courses.module_presentation_length, known before the start",
    "due": "assessments.date without exams, known before the start",
    "weight": "assessments.weight, known before the start",
    "registered": "studentRegistration.date_registration up to the cut-off",
    "left": "studentRegistration.date_unregistration up to the cut-off",
    "finished": "none in these tables",
    "submitted": "studentAssessment.date_submitted up to the cut-off",
    "score": "studentAssessment.score of what was submitted up to the cut-off",
    "carried": "studentAssessment.is_banked of what was submitted up to the cut-off",
    "seen": "none in these tables",
    "elsewhere": "studentRegistration and studentInfo.final_result of the learner's other "
    "presentations, if they ended 30 days before the cut-off or were left before it",
    "activity": "vle_cumulative, the last recorded day up to the cut-off",
}
NO_DATA = {"name", "course", "learners"}


@dataclass(frozen=True)
class Provenance:
    feature: str
    sources: Sequence[str]


class _Recorder:
    """A cohort that remembers which of its fields were read."""

    def __init__(self, cohort: Cohort):
        self._cohort, self.read = cohort, set[str]()

    def __getattr__(self, name: str) -> Any:
        if name in SOURCES:
            self.read.add(name)
        return getattr(self._cohort, name)


def trace(cohort: Cohort, day: float) -> list[Provenance]:
    """Every feature with the sources that it read for this cohort at the end of `day`."""
    days = np.full(len(cohort), float(day))
    found = []
    for each in FEATURES:
        view = View(cohort, days)  # a new one each time: nothing that another feature kept
        recorder = _Recorder(view.cohort)
        view.cohort = cast(Cohort, recorder)
        each.of(view)
        sources = [SOURCES[name] for name in SOURCES if name in recorder.read]
        found.append(Provenance(each.name, sources or ["the day alone"]))
    return found


def undescribed_fields() -> set[str]:
    """Fields of a cohort that `SOURCES` doesn't describe."""
    return {each.name for each in fields(Cohort)} - SOURCES.keys() - NO_DATA
