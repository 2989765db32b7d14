"""What certificates provide for the dashboards, without an import between the two apps."""

from progress.slots import Slot

# (enrollments, moment) -> {enrollment_id: (expires_at, revoked_at)} of what was certified by then.
# Enrolments are ids, or a statement that finds them.
certified = Slot()
# (now, until) -> certificates in force that end by then, as rows with `course`, `user`,
# `enrollment` and `expires_at`.
ending = Slot()
# (pdf) -> the same file, signed by the organisation.
signed = Slot()
# (sha256) -> the organisation's signature (CMS) of a file with this digest.
signed_beside = Slot()
