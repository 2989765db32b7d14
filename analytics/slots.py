"""Places where a dashboard shows something of the other wing, without an import across."""

from progress.slots import Slot

# (course_ids, department or "", until) -> how many certificates in force end by then.
expiring = Slot()
