"""What counts without having been completed, and why: as it is answered."""

from collections.abc import Mapping, Sequence

from progress.models import Waiver
from progress.rules.waiving import Link

from .course_state import CourseReading
from .structure import ContentFacts


def waivers_of(reading: CourseReading) -> list[dict]:
    """What counts without having been completed, and why; a statement only where there is any.

    `granted_at` is None for what follows from a change that the author has just made.
    """
    return waivers_of_all([reading])[0]


def waivers_of_all(readings: Sequence[CourseReading]) -> list[list[dict]]:
    """The same of several enrolments of one learner, in the order given, in one statement."""
    some = [each.enrollment for each in readings if each.waived]
    recorded: dict[int, dict[int, Waiver]] = {enrollment.pk: {} for enrollment in some}
    if some:
        rows = Waiver.objects.in_force().filter(enrollment__in=some, user=some[0].user_id)
        for row in rows:
            recorded[row.enrollment_id][row.content_id] = row
    return [_waivers(each, recorded.get(each.enrollment.pk, {})) for each in readings]


def _waivers(reading: CourseReading, known: Mapping[int, Waiver]) -> list[dict]:
    found = []
    for facts in reading.structure.contents.values():
        link = because(reading, facts)
        waiver = known.get(facts.id) or (link and _as_due(link))
        if waiver is not None and reading.is_waived(facts):
            found.append(_waiver_answer(waiver, facts, reading))
    return found


def because(reading: CourseReading, facts: ContentFacts) -> Link | None:
    """What a waived content is waived by, as the course stands today. No statement."""
    if not reading.is_waived(facts):
        return None
    contents = reading.structure.contents
    return next(
        (
            link
            for link in reading.structure.links
            if link.target == facts.id and reading.standing(contents[link.source]).is_complete
        ),
        None,
    )


def _as_due(link: Link) -> Waiver:
    reason = Waiver.Reason.PRE_TEST if link.is_pre_test else Waiver.Reason.ALTERNATIVE
    return Waiver(content_id=link.target, because_id=link.source, reason=reason)


def _waiver_answer(waiver: Waiver, facts: ContentFacts, reading: CourseReading) -> dict:
    return {
        "content_id": facts.id,
        "title": facts.title,
        "reason": waiver.reason,
        "because_content_id": waiver.because_id,
        "because_title": reading.structure.contents[waiver.because_id].title,
        "score": None if waiver.score_bp is None else waiver.score_bp / 100,
        "granted_at": waiver.granted_at,
    }
