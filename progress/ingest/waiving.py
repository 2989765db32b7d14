"""The one writer of waivers: granted with what was completed, declined by the learner.

Granting follows from the course and from what is complete, so it happens wherever a learner's
progress is folded (`course_fold.fold`), under the lock of the enrolment's `CourseProgress`.
"""

from collections.abc import Collection

from progress.models import ContentProgress, Waiver
from progress.rules.waiving import Link
from progress.state import folding

from .working_set import WorkingSet


def grant(work: WorkingSet) -> None:
    """Waive what follows from what is complete; `work` has the rows to be written."""
    progress = work.progress
    decided = {*progress.waived, *progress.waivers_declined}
    for link in folding.waivers_due(work.structure, work.content_state, decided):
        progress.waived = sorted([*progress.waived, link.target])
        work.waivers.append(_waiver(work, link))
        work.show(link.target)


def write(works: Collection[WorkingSet]) -> None:
    """Write the waivers that were granted, in one statement; none without any."""
    Waiver.objects.bulk_create([waiver for work in works for waiver in work.waivers])


def _waiver(work: WorkingSet, link: Link) -> Waiver:
    proof: ContentProgress = work.contents[link.source]
    reason = Waiver.Reason.PRE_TEST if link.is_pre_test else Waiver.Reason.ALTERNATIVE
    return Waiver(
        enrollment_id=work.progress.enrollment_id,
        user_id=work.progress.user_id,
        content_id=link.target,
        because_id=link.source,
        reason=reason,
        score_bp=proof.best_score_bp if link.is_pre_test else None,
        granted_at=work.now,
    )
