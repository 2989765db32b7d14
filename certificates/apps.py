from django.apps import AppConfig

# Where rows live once learners are distributed over machines (progress/operations/distribution.py).
DISTRIBUTED = ["Certificate", "Packet", "Reminder", "Rendition"]
REFERENCE = [
    "CourseDesign",
    "Design",
    "Review",
    "Revocation",
    "Validity",
]


class CertificatesConfig(AppConfig):
    """Acts on completion: issues, renders, signs, verifies and expires certificates."""

    name = "certificates"

    def ready(self):
        # Importing `checks` and `tasks` registers the system checks and the signal receivers.
        from certificates import checks, own_data, payloads, tasks  # noqa: F401
        from certificates.evidence import sealing
        from certificates.lifecycle import reminders, renewals
        from progress import slots
        from progress.mail import outgoing
        from progress.operations.distribution import Placement, place

        place("certificates", Placement.DISTRIBUTED, DISTRIBUTED)
        place("certificates", Placement.REFERENCE, REFERENCE)
        slots.certificate.fill(payloads.certificate_payload)
        slots.certificates.fill(payloads.certificate_payloads)
        slots.share_links.fill(payloads.own_share_links)
        slots.renewals.fill(renewals.renewal_rows)
        slots.needs_evidence.fill(sealing.needs_evidence)
        outgoing.register("reminder", outgoing.Kind(reminders.compose, reminders.note))
