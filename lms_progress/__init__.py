import atexit
import gc

# Hardly anything that is imported becomes garbage, and looking for it takes a fifth of the start.
# Servers and workers choose again when they have started (garbage_collection).
gc.set_threshold(400_000, 20, 20)
# At its end a process would look through all that it loaded for cycles, several times over: a third
# of what `manage.py check` cost.
atexit.register(gc.freeze)

from .celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
