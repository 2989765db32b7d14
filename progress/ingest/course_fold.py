"""What follows from a batch: the fold of modules and course, and the payload of the answer."""

from progress.models import OutboxMessage
from progress.rules.completion import WHOLE_BP
from progress.state import folding
from progress.state.answers import LiveAnswer
from progress.state.folding import CourseFold
from progress.state.payloads import certificate, content_payload, live_payload, module_payload

from . import waiving
from .working_set import WorkingSet


def fold(work: WorkingSet) -> CourseFold:
    """Modules and course as they stand, with what is waived by now.

    A completed course no longer counts later additions.
    """
    waiving.grant(work)
    waived = frozenset(work.progress.waived)
    left_out: frozenset[int] = frozenset()
    if work.progress.completed_at is not None:
        left_out = frozenset(
            content.id
            for content in work.structure.counting()
            if content.id not in waived and not work.content_state(content).is_complete
        )
    if work.is_restructured:
        _refresh(work)
    return folding.fold_course(
        work.structure, work.content_states(), waived=waived, leave_out=left_out
    )


def _refresh(work: WorkingSet) -> None:
    """After the author's change: store every content's percentage by today's structure."""
    for content in work.structure.contents.values():
        row = work.contents.get(content.id)
        if row is None:
            continue
        state = work.content_state(content)
        newly = state.is_complete and row.completed_at is None
        if newly:
            row.completed_at = work.now
            work.newly_complete.append(content.id)
        if newly or row.completion_bp != state.bp:
            row.completion_bp = state.bp
            work.touched.add(content.id)


def store_fold(work: WorkingSet, folded: CourseFold) -> None:
    """Put the fold into the progress row, and note whether the course is complete only now."""
    progress = work.progress
    work.is_first_completion = folded.course.is_complete and progress.completed_at is None
    if work.is_first_completion:
        progress.completed_at = work.now
    is_pinned = progress.completed_at is not None
    progress.completion_bp = WHOLE_BP if is_pinned else folded.course.bp
    progress.structure_version = work.structure.version
    before = progress.module_progress
    progress.module_progress = {
        str(module_id): module_payload(module) for module_id, module in folded.modules.items()
    }
    work.newly_complete_modules = [
        module_id
        for module_id, module in folded.modules.items()
        if module.is_complete and not before.get(str(module_id), {}).get("is_complete")
    ]


def completion_message(work: WorkingSet) -> OutboxMessage:
    """The message that hands a completion on to the other apps, once, whatever happens here."""
    enrollment_id = work.progress.enrollment_id
    return OutboxMessage(
        kind="course_completed",
        key=str(enrollment_id),
        payload={"enrollment_id": enrollment_id},
        created_at=work.now,
    )


def progress_payload(work: WorkingSet) -> LiveAnswer:
    """What an answer and a push show of the learner's progress."""
    progress, structure = work.progress, work.structure
    contents = [structure.contents[content_id] for content_id in sorted(work.shown)]
    shown = {content.module_id for content in contents}
    return live_payload(
        progress,
        contents=[
            content_payload(
                content,
                work.contents.get(content.id),
                work.content_state(content),
                is_waived=content.id in progress.waived,
            )
            for content in contents
        ],
        modules={
            module.id: progress.module_progress[str(module.id)]
            for module in structure.modules
            if module.id in shown
        },
        bp=progress.completion_bp,
        is_complete=progress.completed_at is not None,
        # Of what completes only now there is none yet: it is issued after the commit.
        certificate=None if work.is_first_completion else certificate(progress),
    )
