"""What follows a batch: the fold of modules and course, the answer, and who is told of it."""

from progress.models import OutboxMessage
from progress.rules.completion import WHOLE_BP
from progress.state import folding
from progress.state.folding import CourseFold
from progress.state.payloads import certificate, content_payload, live_payload, module_payload

from . import waiving
from .desk import Desk


def fold(desk: Desk) -> CourseFold:
    """Modules and course as they stand, with what is waived by now.

    A completed course no longer counts later additions.
    """
    waiving.grant(desk)
    waived = frozenset(desk.progress.waived)
    left_out: frozenset[int] = frozenset()
    if desk.progress.completed_at is not None:
        left_out = frozenset(
            facts.id
            for facts in desk.structure.counting()
            if facts.id not in waived and not desk.standing(facts).is_complete
        )
    if desk.is_restructured:
        _refresh(desk)
    return folding.fold_course(desk.structure, desk.standing, waived=waived, leave_out=left_out)


def _refresh(desk: Desk) -> None:
    """After the author's change: store every content's percentage by today's structure."""
    for facts in desk.structure.contents.values():
        row = desk.contents.get(facts.id)
        if row is None:
            continue
        standing = desk.standing(facts)
        newly = standing.is_complete and row.completed_at is None
        if newly:
            row.completed_at = desk.now
            desk.newly_complete.append(facts.id)
        if newly or row.completion_bp != standing.bp:
            row.completion_bp = standing.bp
            desk.touched.add(facts.id)


def store_fold(desk: Desk, folded: CourseFold) -> None:
    """Put the fold into the progress row, and note whether the course is complete only now."""
    progress = desk.progress
    desk.is_first_completion = folded.course.is_complete and progress.completed_at is None
    if desk.is_first_completion:
        progress.completed_at = desk.now
    is_pinned = progress.completed_at is not None
    progress.completion_bp = WHOLE_BP if is_pinned else folded.course.bp
    progress.structure_version = desk.structure.version
    before = progress.module_progress
    progress.module_progress = {
        str(module_id): module_payload(module) for module_id, module in folded.modules.items()
    }
    desk.newly_complete_modules = [
        module_id
        for module_id, module in folded.modules.items()
        if module.is_complete and not before.get(str(module_id), {}).get("is_complete")
    ]


def completion_message(desk: Desk) -> OutboxMessage:
    """What tells the wings of a completed course, once, whatever happens to this process."""
    enrollment_id = desk.progress.enrollment_id
    return OutboxMessage(
        kind="course_completed",
        key=str(enrollment_id),
        payload={"enrollment_id": enrollment_id},
        created_at=desk.now,
    )


def standing(desk: Desk) -> dict:
    """The `contents`, `modules`, `course` and `certificate` of an answer and of a push."""
    progress, structure = desk.progress, desk.structure
    contents = [structure.contents[content_id] for content_id in sorted(desk.shown)]
    shown = {facts.module_id for facts in contents}
    return live_payload(
        progress,
        contents=[
            content_payload(
                facts,
                desk.contents.get(facts.id),
                desk.standing(facts),
                is_waived=facts.id in progress.waived,
            )
            for facts in contents
        ],
        modules={
            module.id: progress.module_progress[str(module.id)]
            for module in structure.modules
            if module.id in shown
        },
        bp=progress.completion_bp,
        is_complete=progress.completed_at is not None,
        # Of what completes only now there is none yet: it is issued after the commit.
        certificate=None if desk.is_first_completion else certificate(progress),
    )
