import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
app = Celery("lms_progress")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
