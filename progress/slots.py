"""What the ground floor shows of the wings, without knowing them.

progress names a slot, `lms_progress` fills it at start. An unfilled slot answers None.
"""

from collections.abc import Callable

_filled: dict[str, Callable[[int], dict | None]] = {}


def fill(name: str, answer: Callable[[int], dict | None]) -> None:
    """Let `answer(enrollment_id)` speak for the slot `name`."""
    _filled[name] = answer


def certificate(enrollment_id: int) -> dict | None:
    """The enrolment's certificate, as answers show it: number, verify_url, pdf_url, status."""
    answer = _filled.get("certificate")
    return answer(enrollment_id) if answer else None
