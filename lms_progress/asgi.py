"""The whole system in one process: streams and trackers on the event loop, Django beside it."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
# Hardly anything that is imported becomes garbage; looking for it takes a fifth of the start.
gc.disable()
try:
    django = get_wsgi_application()
finally:
    gc.enable()

# Django must be set up before these are imported.
from django.conf import settings  # noqa: E402

from lms_progress.asgi_bridge import WsgiBridge  # noqa: E402
from lms_progress.course_reads import CourseReads  # noqa: E402
from lms_progress.heartbeats import Heartbeats  # noqa: E402
from lms_progress.session_starts import SessionStarts  # noqa: E402
from progress.live.database import DatabaseThreads  # noqa: E402
from progress.live.stream import LiveStream  # noqa: E402

pages = WsgiBridge(django)
streams = LiveStream(settings.REDIS_URL)
heartbeats = Heartbeats(pages)
database = DatabaseThreads()
course_reads = CourseReads(pages, database)
session_starts = SessionStarts(pages, database)


async def application(scope, receive, send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif streams.serves(scope):
        await streams(scope, receive, send)
    elif heartbeats.serves(scope):
        await heartbeats(scope, receive, send)
    elif course_reads.serves(scope):
        await course_reads(scope, receive, send)
    elif session_starts.serves(scope):
        await session_starts(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _lifespan(receive, send) -> None:
    """Confirms the server's start; stops the streams at its end."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await streams.stop()
    await course_reads.stop()
    await database.stop()
    await send({"type": "lifespan.shutdown.complete"})
