"""An edition begins when the author saved the medium, whenever the job comes by."""

from datetime import timedelta

import pytest
import time_machine

from analytics.facts.rollups import editions
from analytics.models import ContentEdition
from progress.catalogue import course_document, replace_course
from tests.factories import NOON, a_course_of, content

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 60}


def saved(course, at, **changes):
    document = course_document(course, is_author=True)
    document["modules"][0]["contents"][0] |= changes
    with time_machine.travel(at, tick=False):
        return replace_course(document)


@pytest.mark.parametrize("change", [{"media_version": 2}, {"duration_seconds": 90.0}])
def test_a_new_medium_begins_at_the_authors_time(change):
    course = a_course_of(VIDEO)
    editions.note_changed(NOON)
    saved(course, NOON + timedelta(minutes=1), **change)
    editions.note_changed(NOON + timedelta(hours=6))
    first, second = ContentEdition.objects.order_by("pk")
    assert first.since is None
    assert second.since == NOON + timedelta(minutes=1)
    index = editions.edition_index([course.pk], NOON + timedelta(hours=6))
    target = content(course, "c1").pk

    def edition_at(minutes):
        moment = NOON + timedelta(minutes=minutes)
        return index.at(target, round(moment.timestamp() * 1000)).id

    assert (edition_at(0), edition_at(2)) == (first.pk, second.pk)


def test_what_is_no_other_medium_begins_no_edition():
    course = a_course_of(VIDEO)
    editions.note_changed(NOON)
    saved(course, NOON + timedelta(minutes=1), title="Another title", weight=3)
    editions.note_changed(NOON + timedelta(hours=6))
    assert ContentEdition.objects.count() == 1


def test_each_change_begins_at_its_own_time():
    course = a_course_of(VIDEO)
    editions.note_changed(NOON)
    for hours in (1, 2):
        saved(course, NOON + timedelta(hours=hours), media_version=hours + 1)
        editions.note_changed(NOON + timedelta(hours=hours, minutes=30))
    begun = ContentEdition.objects.order_by("pk").values_list("since", flat=True)
    assert list(begun) == [None, NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
