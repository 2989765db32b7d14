"""Time is kept as spans: few of them, however long a learner learns, and never too much time."""

import random
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progress import ingest
from progress.ingest import bulk, past
from progress.ingest.checking import check
from progress.ingest.closing import expire_silent
from progress.ingest.events import Event
from progress.models import CourseProgress, LearningSession, PastSpans
from progress.rules.coverage import length, union
from progress.state.structure import structure_of
from tests.factories import NOON, a_course_of, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 600}
PAGES = {"content_type": "document", "page_count": 5}


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


def beat(target, duration=15, **more):
    event = {"content_id": target.pk, "interaction_type": "progress"}
    return event | {"duration_seconds": duration} | more


def progress_of(session) -> CourseProgress:
    return CourseProgress.objects.get(pk=session.enrollment_id)


def all_active(stored: CourseProgress):
    put_away = PastSpans.objects.filter(pk=stored.pk).first()
    return union(stored.active_spans, put_away.active_spans if put_away else ())


# --- Jitter --------------------------------------------------------------------------------------
def test_forty_hours_of_a_steady_film_are_one_span_and_lose_nothing():
    course = a_course_of(VIDEO)
    target = content(course, "c1")
    passage = bulk.Passage(a_session(course).enrollment, structure_of(course))
    session = passage.start(NOON, uuid.uuid4())
    dice, sent = random.Random(7), 0
    for number in range(1, 40 * 240 + 1):
        received = at(10 + 15 * number + dice.uniform(-0.9, 0.9))
        passage.deliver(session, [Event(target.pk, "progress", duration_ms=15_000)], received)
        sent += 15_000
    assert len(passage.progress.active_spans) == 1
    assert sent - passage.progress.time_ms < 2_000


def test_the_dashboards_time_is_the_courses_time():
    """What the rollups read from the evidence is what ingest counted."""
    from analytics.facts.rollups.evidence import parse as read
    from progress.models import ContentInteraction

    course = a_course_of(VIDEO)
    target, session = content(course, "c1"), a_session(course)
    for received in (20, 35.8, 50.2, 66.1, 80.9):
        report(session, beat(target), now=at(received))
    rows = ContentInteraction.objects.values_list(
        "enrollment_id", "chain_index", "session_id", "session_started_at", "record"
    )
    spans = union(*([read(row).active] for row in rows))
    assert spans == progress_of(session).active_spans
    assert len(spans) == 1


def test_two_devices_are_still_a_union():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    target = content(course, "c1")
    one, two = a_session(course, learner), a_session(course, learner)
    for received in range(30, 630, 15):
        report(one, beat(target), now=at(received))
        report(two, beat(target), now=at(received + 1))
    assert progress_of(one).time_ms <= 601_000


# --- Activity ------------------------------------------------------------------------------------
def idle(target, **more):
    return beat(target, 0, idle_seconds=15, **more)


@pytest.mark.parametrize("more", [{}, {"page": 1}, {"is_active": False, "duration_seconds": 15}])
def test_idle_beats_of_an_untouched_tab_neither_keep_a_session_open_nor_lengthen_it(more):
    course = a_course_of(PAGES)
    target, session = content(course, "c1"), a_session(course)
    report(session, beat(target, 60, page=1), now=at(60))
    for received in range(75, 4_000, 15):
        report(session, idle(target) | more, now=at(received))
    assert expire_silent(at(4_000)) == 0, "the next beat noticed it, as the sweep would have"
    session.refresh_from_db()
    assert (session.end_time, session.end_reason) == (at(60), "expired")
    stored = progress_of(session)
    assert (stored.ended_sessions, stored.ended_ms) == (1, 60_000)
    assert float(stored.avg_session_duration) == 1
    assert session.active_ms + session.idle_ms <= 60_000
    assert list(check(at(4_000))) == []


def test_the_sweep_ends_an_idle_session_at_its_last_activity():
    course = a_course_of(VIDEO)
    target, session = content(course, "c1"), a_session(course)
    report(session, beat(target, 60), now=at(60))
    report(session, idle(target), now=at(1_500))
    assert expire_silent(at(1_861)) == 1
    session.refresh_from_db()
    assert session.end_time == at(60)
    assert session.idle_ms == 0
    assert list(check(at(4_000))) == []


@pytest.mark.parametrize(
    "act",
    [
        {"interaction_type": "pause", "position": 3},
        {"interaction_type": "seek", "position": 3},
        {"interaction_type": "view"},
        {"segments": [[0, 5]]},
        {"duration_seconds": 1},
    ],
)
def test_an_act_keeps_it_open(act):
    course = a_course_of(VIDEO)
    target, session = content(course, "c1"), a_session(course)
    report(session, idle(target) | act, now=at(1_700))
    assert expire_silent(at(3_400)) == 0
    assert expire_silent(at(3_501)) == 1
    session.refresh_from_db()
    assert session.end_time == at(1_700)


def test_turning_a_page_is_an_act_and_an_idle_beat_on_it_moves_no_resume():
    course = a_course_of(PAGES, VIDEO)
    learner = a_learner(course)
    pages, film = content(course, "c1"), content(course, "c2")
    old, new = a_session(course, learner), a_session(course, learner)
    report(old, beat(pages, 0, page=2), now=at(10))
    old.refresh_from_db()
    assert old.last_activity_at == at(10)
    report(new, beat(film, 5, interaction_type="play", position=5), now=at(20))
    report(old, idle(pages, page=2), now=at(30))
    assert progress_of(old).resume_content_id == film.pk
    report(old, idle(pages, page=3), now=at(40))
    assert progress_of(old).resume_content_id == pages.pk


def test_activity_in_an_expired_session_still_moves_its_end_and_idle_beats_do_not():
    course = a_course_of(VIDEO)
    target, session = content(course, "c1"), a_session(course)
    report(session, beat(target, 15), now=at(20))
    expire_silent(at(2_000))
    report(session, idle(target), now=at(2_100))
    session.refresh_from_db()
    assert session.end_time == at(20)
    report(session, beat(target, 15), now=at(2_200))
    session.refresh_from_db()
    assert session.end_time == at(2_200)


# --- Spans of long ago ---------------------------------------------------------------------------
def scattered(course, learner, sessions=110):
    """Sessions of one minute, an hour apart, over some days."""
    target = content(course, "c1")
    for number in range(sessions):
        start = 3_600 * number
        session = a_session(course, learner, now=at(start))
        report(session, beat(target, 30), now=at(start + 60))
        ingest.end(LearningSession.objects.all(), session.pk, [], sent_ms=None, now=at(start + 90))
    return target, session


def test_old_spans_are_put_away_and_nothing_is_lost_or_counted_twice():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    target, session = scattered(course, learner)
    stored = progress_of(session)
    assert len(stored.active_spans) <= past.MANY
    assert len(stored.elapsed_spans) <= past.MANY
    assert stored.time_ms == 110 * 30_000 == length(all_active(stored))
    assert len(PastSpans.objects.get().elapsed_spans) + len(stored.elapsed_spans) == 110
    first = LearningSession.objects.order_by("start_time")[0]
    sent = int(at(3_600 * 110).timestamp() * 1000)

    def late(seconds):
        event = beat(target, 10, occurred_at=at(seconds).isoformat())
        [outcome] = report(first, event, now=at(3_600 * 110), sent_ms=sent).outcomes
        assert outcome.status == "accepted"
        return progress_of(session).time_ms

    # Its own minute again adds nothing; of what reaches before it, the five seconds that do.
    assert late(55) == 110 * 30_000
    assert late(35) == 110 * 30_000 + 5_000
    stored = progress_of(session)
    assert stored.time_ms == length(all_active(stored))
    assert list(check(at(3_600 * 111))) == []


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 4_000), st.integers(1, 60)),
        min_size=5,
        max_size=25,
    )
)
def test_putting_away_changes_no_amount(monkeypatch, beats):
    def learn(many, kept):
        monkeypatch.setattr(past, "MANY", many)
        monkeypatch.setattr(past, "KEPT", kept)
        monkeypatch.setattr(past, "RECENT_MS", 0)
        course = a_course_of(VIDEO)
        learner = a_learner(course)
        target = content(course, "c1")
        opened = [a_session(course, learner, now=at(number * 900)) for number in range(4)]
        sent = int(at(9_000).timestamp() * 1000)
        earned = []
        for which, moment, lasted in beats:
            event = beat(
                target,
                lasted,
                occurred_at=at(moment).isoformat(),
                segments=[[moment % 600, moment % 600 + lasted]],
            )
            [outcome] = report(opened[which], event, now=at(9_000), sent_ms=sent).outcomes
            earned.append((outcome.credited_ms, outcome.covered_ms))
        stored = progress_of(opened[0])
        assert stored.time_ms == length(all_active(stored))
        return earned, stored.time_ms, all_active(stored), stored.coverage_spent_ms

    assert learn(2, 1) == learn(10_000, 10_000)
