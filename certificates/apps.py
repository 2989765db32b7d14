from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """The wing that acts on completion: issue, render, sign, verify, expire."""

    name = "certificates"

    def ready(self):
        # Importing `checks` and `tasks` registers the system checks and the signal receivers.
        from certificates import checks, payloads, tasks  # noqa: F401
        from certificates.evidence import sealing
        from certificates.lifecycle import reminders, renewals
        from progress import slots
        from progress.mail import outgoing

        slots.certificate.fill(payloads.answer)
        slots.certificates.fill(payloads.answers)
        slots.renewals.fill(renewals.told)
        slots.needs_evidence.fill(sealing.needs)
        outgoing.register("reminder", outgoing.Kind(reminders.compose, reminders.note))
