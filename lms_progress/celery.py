import os

from celery import Celery
from celery.signals import before_task_publish, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

from lms_progress import tolerant_redis
from lms_progress.queues import stamp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
tolerant_redis.use()
app = Celery("lms_progress")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The worker's half of carrying a request's id; the other half is an installed app.
app.steps["worker"].add(DjangoStructLogInitStep)
before_task_publish.connect(stamp)


@setup_logging.connect
def _keep_our_logging(**_) -> None:
    """Keeps Celery from setting up logging, which Django has done: any receiver does that."""
