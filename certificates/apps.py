from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """The wing that acts on completion: issue, render, sign, verify, expire."""

    name = "certificates"

    def ready(self):
        # Registers the checks, and connects what listens to course_completed.
        from certificates import (  # noqa: F401
            checks,
            reminding,
            renewing,
            sealing,
            standing,
            tasks,
        )
        from progress import mailing, slots

        slots.certificate.fill(standing.answer)
        slots.certificates.fill(standing.answers)
        slots.renewals.fill(renewing.told)
        slots.needs_evidence.fill(sealing.needs)
        mailing.register("reminder", mailing.Kind(reminding.compose, reminding.note))
