"""Enrolments that may still be completed, and their courses a part at a time."""

from collections.abc import Iterable, Iterator

from progress.models import Enrollment, marks


def open_enrollments():
    return marks.counted(Enrollment.objects.active()).filter(course_progress__completed_at=None)


def course_chunks(sizes: Iterable[tuple[int, int]], most: int) -> Iterator[list[int]]:
    """The courses of `sizes` (course id, enrolments) in their order, about `most` enrolments at a
    time; a larger course is a chunk of its own."""
    chunk: list[int] = []
    held = 0
    for course_id, number in sizes:
        if chunk and held + number > most:
            yield chunk
            chunk, held = [], 0
        chunk.append(course_id)
        held += number
    if chunk:
        yield chunk
