"""A course with a learner, and the application that streams to its pages."""

import asyncio

import pytest

from progress.live.stream import LiveStream
from tests.factories import a_course, a_learner

from .listening import stream_url


@pytest.fixture
def course():
    return a_course()


@pytest.fixture
def learner(course):
    return a_learner(course)


@pytest.fixture
def url(learner, course):
    return stream_url(learner.pk, course.pk)


@pytest.fixture
def visit(settings):
    """Runs a coroutine with the application as its argument."""

    def run(scenario):
        async def whole():
            app = LiveStream(settings.REDIS_URL)
            try:
                await scenario(app)
            finally:
                await app.stop()

        asyncio.run(whole())

    return run
