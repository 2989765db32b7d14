"""Where learners drop out: what is counted hourly is what counting now finds."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from analytics.facts.rollups import dropouts as rollup
from analytics.facts.rollups import folding
from analytics.models import ContentDropout
from analytics.query.dropout import _counted_now, dropouts
from analytics.query.filters import filters_from
from progress.jobs import Run
from progress.models import Content, ContentProgress, Enrollment
from tests.factories import a_course_of
from tests.support.admin import VIDEO
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, fail, learn, someone

pytestmark = pytest.mark.django_db


def filters_of(*courses, **asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return filters_from(query, {course.pk: course.title for course in courses})


def amounts(found):
    return [(each.content_id, each.title, each.course, each.begun, each.left) for each in found]


@pytest.fixture
def courses():
    """Two courses: in one, five of seven left the film, and two of six the quiz."""
    fire = a_course_of(VIDEO, A_QUIZ, title="Fire safety")
    ladders = a_course_of(VIDEO, title="Ladders")
    for number in range(7):
        person = someone(fire, department="Care" if number < 6 else "")
        learn(fire, person, ago=DAY * (20 if number < 5 else 3))
        if number < 6:
            fail(fire, person, "c2", times=1, ago=DAY * (16 if number < 2 else 2))
        learn(ladders, someone(ladders), ago=DAY * (20 if number == 3 else 1))
    return fire, ladders


def test_what_is_counted_hourly_is_what_counting_now_finds(courses):
    fire, ladders = courses
    now = timezone.now()
    for chosen in (courses, [fire], [ladders]):
        assert [each.as_of for each in dropouts(filters_of(*chosen), now)][:1] == [now]
    rollup.count(now - timedelta(seconds=1))
    for chosen in (courses, [fire], [ladders]):
        found = dropouts(filters_of(*chosen), now)
        assert found[0].as_of == now - timedelta(seconds=1)
        assert amounts(found) == amounts(_counted_now(filters_of(*chosen), now))
    titles = [
        (each.course, each.begun, each.left, each.percent)
        for each in dropouts(filters_of(*courses), now)
    ]
    assert titles == [("Fire safety", 7, 5, 71), ("Fire safety", 6, 2, 33), ("Ladders", 7, 1, 14)]


def test_a_group_of_learners_is_counted_now(courses):
    now = timezone.now()
    rollup.count(now)
    found = dropouts(filters_of(*courses, department="Care"), now)
    assert [(each.begun, each.left) for each in found] == [(6, 5), (6, 2)]
    assert {each.as_of for each in found} == {now}


def test_who_comes_back_or_leaves_the_course_counts_at_the_next_count(courses):
    fire, _ = courses
    now = timezone.now()
    rollup.count(now)
    back, gone = ContentProgress.objects.filter(content__code="c1", completed_at=None)[:2]
    learn(fire, back.user, ago=timedelta(0))
    Enrollment.objects.filter(pk=gone.enrollment_id).update(unenrolled_at=now)
    later = now + timedelta(minutes=59)
    rollup.count_hourly(later)
    assert set(ContentDropout.objects.values_list("counted_at", flat=True)) == {now}
    later += timedelta(minutes=1)
    rollup.count_hourly(later)
    found = dropouts(filters_of(*courses), later)
    assert [(each.begun, each.left) for each in found[:2]] == [(6, 3), (5, 1)]
    assert amounts(found) == amounts(_counted_now(filters_of(*courses), later))


def test_an_old_count_is_not_shown(courses):
    now = timezone.now()
    rollup.count(now - timedelta(hours=3))
    assert dropouts(filters_of(*courses), now)[0].as_of == now


def test_a_content_that_was_hidden_or_retired_is_gone_at_once(courses):
    now = timezone.now()
    rollup.count(now)
    Content.objects.filter(code="c2").update(hidden=True)
    Content.objects.filter(module__course=courses[1]).update(retired_at=now)
    assert [(each.begun, each.left) for each in dropouts(filters_of(*courses), now)] == [(7, 5)]


def test_the_fold_counts_and_the_page_says_when(courses, sign_in):
    folding.fold_new(Run("fold", timezone.now()))
    assert ContentDropout.objects.count() == 3
    window = sign_in(an_instructor_of(*courses))
    page = window.get(reverse("admin:index")).content.decode()
    section = page.split('id="dropouts"')[1].split("</section>")[0]
    assert "71 %" in section and "As of" in section
