"""Places where a dashboard shows something of the other wing, without an import across."""

from progress.slots import Slot

# (course_ids, department or "", until) -> how many certificates in force end by then.
expiring = Slot()
# (course_ids, moment) -> {enrollment_id: (expires_at, revoked_at)} of what was certified by then.
certified = Slot()
# (pdf) -> the same file, signed by the organisation.
signed = Slot()
