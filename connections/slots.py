"""Slots that the project fills, so that this app need not import certificates and analytics."""

from progress.slots import Slot

# (ids) -> {id: {certificate_number, status, …}} of certificates; one statement for all.
certificates = Slot()
# (ids) -> {id: {alert_id, kind, state, …}} of alerts; one statement for all.
alerts = Slot()
# (now, until) -> [(certificate id, user id, course id, enrollment id, expires_at)] of those that
# are valid and expire by `until`.
expiring_certificates = Slot()
