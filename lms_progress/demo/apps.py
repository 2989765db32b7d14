from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "lms_progress.demo"

    def ready(self):
        from certificates import slots
        from lms_progress.demo import authority

        slots.signing_identity.fill(authority.make)
