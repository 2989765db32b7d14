from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "progress"
    verbose_name = "Learning progress"

    def ready(self):
        # Registers the checks; connects what listens to course_restructured.
        from progress import checks, tasks  # noqa: F401
