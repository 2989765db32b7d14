from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "lms_progress.demo"

    def ready(self):
        from certificates import slots

        slots.signing_identity.fill(_make_identity)


def _make_identity(issuer: str) -> bytes:
    # Imported here for its cost: every process is set up with this app, and one makes a key, once.
    from lms_progress.demo import authority

    return authority.make(issuer)
