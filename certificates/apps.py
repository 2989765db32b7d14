from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """The wing that acts on completion: issue, render, sign, verify, expire."""

    name = "certificates"

    def ready(self):
        # Registers the checks, and connects what listens to course_completed.
        from certificates import checks, renewing, sealing, standing, tasks  # noqa: F401
        from progress import slots

        slots.certificate.fill(standing.answer)
        slots.certificates.fill(standing.answers)
        slots.renewals.fill(renewing.told)
        slots.needs_evidence.fill(sealing.needs)
