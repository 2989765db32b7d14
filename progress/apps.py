from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "progress"
    verbose_name = "Learning progress"

    def ready(self):
        # Connects what listens to course_restructured.
        from progress import tasks  # noqa: F401
