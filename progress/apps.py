from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProgressConfig(AppConfig):
    name = "progress"
    verbose_name = "Learning progress"

    def ready(self):
        # Registers checks and kinds of mail; connects the receivers of this app's signals.
        from progress import checks, jobs, tasks  # noqa: F401
        from progress.importing import inviting  # noqa: F401
        from progress.mail import password_links, study_reminders  # noqa: F401
        from progress.own_data import copies, tables  # noqa: F401
        from progress.security import sign_ins  # noqa: F401

        post_migrate.connect(jobs.register, sender=self)
