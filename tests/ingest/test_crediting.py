"""What events earn, on real rows."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progress.models import ContentProgress, CourseProgress, LearningSession
from tests.factories import (
    NOON,
    a_course,
    a_course_of,
    a_learner,
    a_session,
    content,
    report,
)

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 60}


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


def beat(content_id, position, duration=15, **more):
    return {
        "content_id": content_id,
        "interaction_type": "progress",
        "position": position,
        "duration_seconds": duration,
        **more,
    }


def played(content_id, *segments, **more):
    return {
        "content_id": content_id,
        "interaction_type": "progress",
        "segments": [list(segment) for segment in segments],
        **more,
    }


@pytest.fixture
def video():
    course = a_course_of(VIDEO)
    return content(course, "c1"), a_session(course)


def row(session, target) -> ContentProgress:
    return ContentProgress.objects.get(enrollment=session.enrollment_id, content=target)


def progress(session) -> CourseProgress:
    return CourseProgress.objects.get(pk=session.enrollment_id)


def test_a_heartbeat_covers_what_lies_behind_its_position(video):
    target, session = video
    receipt = report(session, beat(target.pk, 15), now=at(15))
    [payload] = [outcome.as_payload() for outcome in receipt.outcomes]
    assert payload["status"] == "accepted"
    assert (payload["credited_seconds"], payload["covered_seconds"]) == (15, 15)
    assert row(session, target).coverage == ((0, 15_000),)
    assert receipt.payload["course"]["completion_percentage"] == 25


def test_jumping_to_the_end_earns_the_end_only(video):
    target, session = video
    report(session, beat(target.pk, 60, 5), now=at(60))
    assert row(session, target).completion_bp == 833
    assert row(session, target).completed_at is None


def test_a_claimed_percentage_is_evidence_only_on_measured_content(video):
    target, session = video
    event = {"content_id": target.pk, "interaction_type": "complete", "completion_percentage": 100}
    report(session, event | {"position": 60}, now=at(60))
    assert row(session, target).completion_bp == 0


def test_an_embed_shows_the_highest_percentage_reported():
    course = a_course_of({"content_type": "embed", "completion_source": "reported"})
    target, session = content(course, "c1"), a_session(course)
    event = {"content_id": target.pk, "interaction_type": "progress"}
    for percentage in (40, 75.5, 20):
        report(session, event | {"completion_percentage": percentage}, now=at(1))
    assert row(session, target).completion_bp == 7550
    report(session, event | {"completion_percentage": 90}, now=at(2))
    assert row(session, target).completed_at is not None


def test_a_hundred_beats_in_ten_seconds_are_credited_ten_seconds(video):
    target, session = video
    for number in range(100):
        report(session, beat(target.pk, 15), now=at(10 * (number + 1) / 100))
    session.refresh_from_db()
    assert session.active_ms == 10_000
    assert progress(session).time_ms == 10_000


def test_the_same_hundred_beats_in_one_batch_are_credited_ten_seconds_too(video):
    target, session = video
    report(session, *[beat(target.pk, 15)] * 100, now=at(10))
    session.refresh_from_db()
    assert session.active_ms == 10_000
    assert progress(session).time_ms == 10_000


def test_a_minute_offline_delivered_in_one_batch_is_credited_whole(video):
    target, session = video
    beats = [beat(target.pk, 15 * number) for number in range(1, 5)]
    receipt = report(session, *beats, now=at(61))
    assert [outcome.credited_ms for outcome in receipt.outcomes] == [15_000] * 4
    assert progress(session).time_ms == 60_000
    assert row(session, target).completed_at is not None


def test_new_coverage_is_bought_with_elapsed_time_once_for_all_sessions(video):
    target, session = video
    other = a_session(session.course, session.user, now=at(0))
    report(session, played(target.pk, (0, 60)), now=at(10))
    assert row(session, target).coverage == ((0, 23_000),)  # 2 × 10 s, and 3 s once
    receipt = report(other, played(target.pk, (30, 60)), now=at(10))
    assert receipt.outcomes[0].as_payload()["withheld_reason"] == "rate"
    assert row(session, target).coverage == ((0, 23_000),)
    report(other, played(target.pk, (30, 60)), now=at(20))
    assert row(session, target).coverage == ((0, 23_000), (30_000, 50_000))


def test_what_was_withheld_may_be_earned_later(video):
    target, session = video
    first = report(session, played(target.pk, (0, 60)), now=at(10)).outcomes[0]
    assert (first.covered_ms, first.withheld_ms) == (23_000, 37_000)
    second = report(session, played(target.pk, (0, 60)), now=at(40)).outcomes[0]
    assert (second.covered_ms, second.withheld_ms) == (37_000, 0)


def test_another_open_sessions_elapsed_time_counts_up_to_now(video):
    target, session = video
    other = a_session(session.course, session.user, now=at(20))
    receipt = report(other, played(target.pk, (0, 40)), now=at(20))
    assert receipt.outcomes[0].covered_ms == 40_000


def test_one_event_covers_four_minutes_at_most():
    course = a_course_of({"content_type": "video", "duration_seconds": 3600})
    target, session = content(course, "c1"), a_session(course)
    payload = report(session, played(target.pk, (0, 600)), now=at(1700)).outcomes[0].as_payload()
    assert payload["covered_seconds"] == 240
    assert (payload["withheld_seconds"], payload["withheld_reason"]) == (360, "event_limit")


def test_one_event_credits_two_minutes_at_most(video):
    target, session = video
    payload = report(session, beat(target.pk, 10, 600), now=at(900)).outcomes[0].as_payload()
    assert (payload["credited_seconds"], payload["withheld_active_seconds"]) == (120, 480)


def test_an_observed_course_credits_the_claim_and_says_so():
    course = a_course_of(VIDEO, plausibility="observe")
    target, session = content(course, "c1"), a_session(course)
    receipt = report(session, played(target.pk, (0, 60), duration_seconds=60), now=at(1))
    answer = receipt.outcomes[0].as_payload()
    assert (answer["covered_seconds"], answer["credited_seconds"]) == (60, 60)
    assert answer["withheld_reason"] == "observed"
    assert answer["withheld_seconds"] == 55
    assert progress(session).time_ms == 1_000  # course time stays a union of real time


def test_replay_is_counted_but_covers_nothing(video):
    target, session = video
    report(session, played(target.pk, (0, 20)), now=at(20))
    report(session, played(target.pk, (0, 20)), now=at(40))
    assert row(session, target).replayed_ms == 20_000
    assert row(session, target).coverage == ((0, 20_000),)


def test_an_empty_or_reversed_segment_is_named_and_the_rest_counts(video):
    target, session = video
    receipt = report(session, played(target.pk, (0, 10), (30, 20), (5, 5)), now=at(30))
    answer = receipt.outcomes[0].as_payload()
    assert (answer["status"], answer["code"]) == ("accepted", "invalid_segments")
    assert "segments[1], segments[2]" in answer["detail"]
    assert answer["covered_seconds"] == 10


def test_idle_time_is_counted_separately(video):
    target, session = video
    report(session, beat(target.pk, 15, 15, is_active=False), now=at(20))
    report(session, beat(target.pk, 15, 0, idle_seconds=500), now=at(60))
    session.refresh_from_db()
    assert (session.active_ms, session.idle_ms) == (0, 60_000)
    assert row(session, target).coverage == ()


def test_two_devices_at_once_are_one_person(video):
    target, session = video
    phone = a_session(session.course, session.user, now=at(0), device_id="phone")
    report(session, beat(target.pk, 30, 30), now=at(30))
    report(phone, beat(target.pk, 30, 30), now=at(40))
    phone.refresh_from_db()
    assert phone.active_ms == 30_000
    assert progress(session).time_ms == 40_000
    assert row(session, target).time_ms == 40_000


def test_a_phones_offline_minute_of_this_morning_counts_in_the_evening(video):
    target, session = video
    morning = beat(target.pk, 60, 60, occurred_at="2026-05-04T08:00:00Z")
    sent = 1_777_881_600_000 + 8 * 3_600_000  # by the phone's own clock eight hours later
    receipt = report(session, morning, now=at(9 * 3600), sent_ms=sent)
    assert receipt.outcomes[0].credited_ms == 60_000
    assert row(session, target).coverage == ((0, 60_000),)


def test_pages_are_read_by_dwell():
    course = a_course_of({"content_type": "document", "page_count": 4})
    target, session = content(course, "c1"), a_session(course)
    page = {"content_id": target.pk, "interaction_type": "progress"}
    report(session, page | {"page": 1, "duration_seconds": 2}, now=at(2))
    report(session, page | {"page": 2, "duration_seconds": 1}, now=at(4))
    assert row(session, target).coverage == ((0, 1),)
    report(session, page | {"page": 2, "duration_seconds": 1}, now=at(6))
    assert row(session, target).completion_bp == 5000
    refused = report(session, page | {"page": 5, "duration_seconds": 1}, now=at(8)).outcomes[0]
    assert (refused.status, refused.errors[0].attr) == ("rejected", "page")


def test_withheld_dwell_reads_no_page():
    course = a_course_of({"content_type": "document", "page_count": 4})
    target, session = content(course, "c1"), a_session(course)
    pages = [
        {"content_id": target.pk, "interaction_type": "view", "page": n, "duration_seconds": 60}
        for n in (1, 2, 3, 4)
    ]
    report(session, *pages, now=at(3))
    assert row(session, target).coverage == ((0, 1),)


def test_a_text_is_read_by_visible_spans():
    course = a_course_of({"content_type": "text", "reading_seconds": 80})
    target, session = content(course, "c1"), a_session(course)
    event = {"content_id": target.pk, "interaction_type": "progress", "span": [0, 0.5]}
    report(session, event | {"duration_seconds": 9}, now=at(9))
    assert row(session, target).completion_bp == 0
    report(session, event | {"duration_seconds": 1}, now=at(10))
    assert row(session, target).completion_bp == 5000


def test_a_reading_position_is_kept_and_covers_nothing():
    course = a_course_of({"content_type": "text", "reading_seconds": 80})
    target, session = content(course, "c1"), a_session(course)
    event = {"content_id": target.pk, "interaction_type": "progress", "reading_position": 0.9}
    report(session, event | {"duration_seconds": 60}, now=at(60))
    assert row(session, target).completion_bp == 0
    assert float(row(session, target).last_position) == 0.9


def test_a_download_completes_only_what_says_so():
    course = a_course_of(
        {"content_type": "document", "page_count": 3},
        {"content_type": "document", "completes_on": "download"},
    )
    session = a_session(course)
    for code in ("c1", "c2"):
        event = {"content_id": content(course, code).pk, "interaction_type": "download"}
        report(session, event, now=at(1))
    assert row(session, content(course, "c1")).completed_at is None
    assert row(session, content(course, "c2")).completed_at is not None
    assert row(session, content(course, "c1")).download_count == 1


def test_counters_count_distinct_contents():
    course = a_course()
    session = a_session(course)
    video, text = content(course, "video"), content(course, "text")
    for kind in ("view", "play", "pause", "seek", "seek"):
        report(session, {"content_id": video.pk, "interaction_type": kind}, now=at(1))
    report(session, {"content_id": text.pk, "interaction_type": "view"}, now=at(1))
    session.refresh_from_db()
    assert (session.pages_viewed, session.videos_watched, session.quizzes_attempted) == (2, 1, 0)
    kept = row(session, video)
    assert (kept.view_count, kept.play_count, kept.pause_count, kept.seek_count) == (1, 1, 1, 2)


def test_distractions_add_up(video):
    target, session = video
    report(session, beat(target.pk, 5, 5, distractions=2), now=at(5))
    report(session, beat(target.pk, 9, 4, distractions=1), now=at(9))
    session.refresh_from_db()
    assert session.distractions == 3


segments = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(lambda s: s[0] < s[1]),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(segments, st.randoms(), st.integers(1, 4))
def test_any_order_batching_and_repetition_gives_the_same_coverage(parts, random, size):
    course = a_course_of(VIDEO)
    target = content(course, "c1")
    events = [played(target.pk, part, event_id=str(uuid.uuid4())) for part in parts]
    straight, shuffled = a_session(course), a_session(course)
    report(straight, *events, now=at(600))
    again = events + random.choices(events, k=3)
    random.shuffle(again)
    for start in range(0, len(again), size):
        report(shuffled, *again[start : start + size], now=at(600))
    one, two = row(straight, target), row(shuffled, target)
    assert one.coverage == two.coverage
    assert one.completion_bp == two.completion_bp


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3600), st.integers(0, 300), st.booleans()),
        max_size=12,
    )
)
def test_credited_time_and_coverage_never_exceed_the_clock(claims):
    course = a_course_of({"content_type": "video", "duration_seconds": 3600})
    target = content(course, "c1")
    learner = a_learner(course)
    sessions = [a_session(course, learner), a_session(course, learner)]
    now = 0
    for pause, position, duration, second in claims:
        now += pause
        report(sessions[second], beat(target.pk, position, duration, playback_rate=4), now=at(now))
    stored = progress(sessions[0])
    for session in LearningSession.objects.filter(user=learner):
        assert session.active_ms <= now * 1000
    assert stored.time_ms <= now * 1000
    covered = ContentProgress.objects.filter(enrollment=stored.pk).first()
    covered_ms = sum(end - start for start, end in covered.coverage) if covered else 0
    assert covered_ms <= 2 * now * 1000 + 3000
    assert covered_ms == stored.coverage_spent_ms
