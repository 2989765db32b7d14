"""Learners' progress in courses, read together: for answers about one course and for streams."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

import msgspec

from progress import slots

from .answers import CertificateAnswer, CourseSnapshot
from .course_rows import EnrollmentRow, Wanted, read_courses
from .course_state import CourseState
from .limits import current_limits
from .payloads import state_payload
from .structure import Structure, structures_of

# Part of every tag. To be raised when the body gets other fields or counts in another way.
BODY_VERSION = 1


class CourseReading:
    """One enrolment at one moment: the tag of its progress, and its state, computed when asked."""

    def __init__(
        self,
        enrollment: EnrollmentRow,
        structure: Structure,
        certificate: CertificateAnswer | None,
        now: datetime,
    ):
        self.enrollment, self.now = enrollment, now
        self.structure, self.certificate = structure, certificate

    @cached_property
    def etag(self) -> str:
        """A weak tag. Equal tags mean equal bodies, but for `as_of` and the stream's address.

        It is made of what the body is computed from: the rows as they were read (with the chain's
        length, cycle, sessions and waivers), the structure's version, the certificate, and how
        many release dates have passed.
        """
        released = sum(
            content.release_at is not None and content.release_at <= self.now
            for content in self.structure.contents.values()
        )
        parts = [
            BODY_VERSION,
            current_limits().complete_at_bp,
            self.structure.version,
            released,
            self.certificate,
        ]
        seen = hashlib.sha256(self.enrollment.text.encode())
        seen.update(msgspec.json.encode(parts))
        return f'W/"{seen.hexdigest()[:32]}"'

    @cached_property
    def state(self) -> CourseState:
        return CourseState(
            self.enrollment,
            self.now,
            structure=self.structure,
            rows=self.enrollment.contents,
            waivers=self.enrollment.waivers,
        )

    def payload(self) -> CourseSnapshot:
        """The body of `realtime_progress`, without the address of a stream."""
        return state_payload(self.state, self.certificate)


def read(wanted: Sequence[Wanted], now: datetime) -> list[CourseReading | None]:
    """The progress in the order given; None for an enrolment that isn't there.

    Runs one statement for any number, one more for structures that aren't in memory, and one for
    the certificates of completed courses.
    """
    rows = read_courses(wanted)
    readings = {each.enrollment.pk: each for each in of_rows([row for row in rows if row], now)}
    return [readings[row.pk] if row else None for row in rows]


def of_rows(rows: Sequence[EnrollmentRow], now: datetime) -> list[CourseReading]:
    """The same of rows that were read already."""
    structures = structures_of([row.course for row in rows])
    certificates = _certificates(rows)
    return [
        CourseReading(row, structures[row.course_id], certificates.get(row.pk), now) for row in rows
    ]


def _certificates(rows: Sequence[EnrollmentRow]) -> Mapping[int, CertificateAnswer]:
    completed = [row.pk for row in rows if row.course_progress.completed_at is not None]
    return (slots.certificates(completed) or {}) if completed else {}
