"""What may predict the risk of an enrolment: the model in use as it is, adapted to the organisation
or to the course; and which of them is shown in a week of a course, if any."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics.models import RiskAdaptation, RiskSource, RiskValidation

from . import active_model
from .active_model import ActiveModel
from .gate import Verdict
from .signs import adaptation
from .signs.adaptation import UNCHANGED, Adaptation

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown in a week of a course: the scores of a source, or none, and why."""

    source: str | None
    verdict: str
    outcomes: int


UNKNOWN = Shown(None, Verdict.TOO_FEW, 0)


@dataclass(frozen=True)
class Sources:
    """The model in use, its adaptations by course (None: the organisation's), and what is shown by
    course and week."""

    base: ActiveModel
    adaptations: Mapping[int | None, Adaptation]
    shown: Mapping[tuple[int, int], Shown]

    def of_course(self, course_id: int) -> dict[str, Adaptation]:
        """The sources that predict in a course, those nearest to the shipped model first."""
        found = {str(RiskSource.BASE): UNCHANGED}
        if None in self.adaptations:
            found[str(RiskSource.ORGANISATION)] = self.adaptations[None]
        if course_id in self.adaptations:
            found[str(RiskSource.COURSE)] = self.adaptations[course_id]
        return found

    def shown_in(self, course_id: int, week: int) -> Shown:
        return self.shown.get((course_id, week), UNKNOWN)


def read(now: datetime) -> Sources:
    """Adaptations and validations of another model than the one in use don't count."""
    base = active_model.active(now)
    return Sources(base, _adaptations(base), _shown(base))


def _adaptations(base: ActiveModel) -> dict[int | None, Adaptation]:
    found: dict[int | None, Adaptation] = {}
    for row in RiskAdaptation.objects.filter(base=base.pk):
        try:
            found[row.course_id] = adaptation.read_document(row.document)
        except (KeyError, TypeError, ValueError) as error:
            # Written by another release; the next night replaces it.
            logger.warning("adaptation %s isn't used: %s", row.pk, error)
    return found


def _shown(base: ActiveModel) -> dict[tuple[int, int], Shown]:
    """Of a week without a valid source, the verdict about the one with most outcomes."""
    found: dict[tuple[int, int], Shown] = {}
    rows = RiskValidation.objects.filter(base=base.pk).order_by("is_chosen", "outcomes", "auc_low")
    for row in rows:
        source = row.source if row.is_chosen else None
        found[row.course_id, row.week] = Shown(source, row.verdict, row.outcomes)
    return found
