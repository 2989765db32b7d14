"""The one writer of waivers: granted with what was completed, declined by the learner.

Granting follows from the course and from what is complete, so it happens wherever a learner's
progress is folded (`aftermath.fold`), under the lock of the enrolment's `CourseProgress`.
"""

from collections.abc import Collection

from progress.models import ContentProgress, Waiver
from progress.rules.waiving import Link
from progress.state import folding

from .desk import Desk


def grant(desk: Desk) -> None:
    """Waive what follows from what is complete; the rows are written with the desk's others."""
    progress = desk.progress
    decided = {*progress.waived, *progress.waivers_declined}
    for link in folding.waivers_due(desk.structure, desk.standing, decided):
        progress.waived = sorted([*progress.waived, link.target])
        desk.waivers.append(_waiver(desk, link))
        desk.shown.add(link.target)


def write(desks: Collection[Desk]) -> None:
    """Write the waivers that were granted, in one statement; none without any."""
    Waiver.objects.bulk_create([waiver for desk in desks for waiver in desk.waivers])


def _waiver(desk: Desk, link: Link) -> Waiver:
    proof: ContentProgress = desk.contents[link.source]
    reason = Waiver.Reason.PRE_TEST if link.is_pre_test else Waiver.Reason.ALTERNATIVE
    return Waiver(
        enrollment_id=desk.progress.enrollment_id,
        user_id=desk.progress.user_id,
        content_id=link.target,
        because_id=link.source,
        reason=reason,
        score_bp=proof.best_score_bp if link.is_pre_test else None,
        granted_at=desk.now,
    )
