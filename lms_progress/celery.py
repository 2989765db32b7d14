import os

from celery import Celery
from celery.signals import beat_init, before_task_publish, celeryd_after_setup, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

from lms_progress import garbage_collection, tolerant_redis
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


@celeryd_after_setup.connect
@beat_init.connect
def _freeze_loaded_objects(**_) -> None:
    """Before the worker forks, so that its processes share what is loaded."""
    garbage_collection.freeze()
