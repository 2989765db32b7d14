"""An open stream ends at once when its learner's or its reader's account is deactivated."""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from progress.ingest import deactivating
from tests.factories import a_learner, an_instructor

from .listening import listening, stream_url

pytestmark = pytest.mark.django_db(transaction=True)


def close(person) -> None:
    deactivating.deactivate([person.pk], now=timezone.now())


@pytest.mark.parametrize("who", ["learner", "reader"])
def test_a_deactivated_account_has_no_open_stream_and_opens_none(who, visit, learner, course):
    other, teacher = a_learner(course), an_instructor(course)
    gone = learner if who == "learner" else teacher
    address = stream_url(learner.pk, course.pk, gone)

    async def scenario(app):
        async with (
            listening(app, address) as client,
            listening(app, stream_url(other.pk, course.pk)) as neighbour,
        ):
            await client.event()
            await neighbour.event()
            await sync_to_async(close)(gone)
            await client.end()
            assert client.is_complete
            assert not neighbour.is_complete
        async with listening(app, address) as client:
            await client.end()
            assert client.status == 401

    visit(scenario)
