"""The replay of xAPI statements: on statements made up here, and on real ones where they are."""

import pytest

from bench import replay
from bench.xapi import find_sittings, longest_lengths, played_spans, union
from progress.models import ContentProgress, LearningSession

pytestmark = pytest.mark.django_db


def statement(actor, verb, video, session, length=None, segments=None):
    return {
        "actor": actor,
        "verb": verb,
        "object": video,
        "session": session,
        "length": length,
        "segments": segments,
    }


# Cumulative, scrambled, overlapping, reversed, empty, left open, beyond the end, two lengths.
STATEMENTS = [
    statement("ann", "paused", "v1", "s1", 100.0, "0[.]40.5[,]30[.]60.25"),
    statement("ann", "paused", "v1", "s1", 100.0, "0[.]40.5"),
    statement("ann", "seeked", "v1", "s1", 100.0, "0[.]40.5[,]30[.]60.25[,]90"),
    statement("ann", "completed", "v1", "s2", 100.0, "55[.]100"),
    statement("ann", "played", "v2", "s2"),
    statement("ann", "paused", "v2", "s2", 50.0, "20[.]10[,]5[.]5[,]45[.]50.9"),
    statement("ben", "completed", "v1", "s3", 99.5, "0[.]12.345[,]12.345[.]70.001"),
    statement("ben", "initialized", "v2", "s4", 49.2),
    statement("cyd", "completed", "v2", "s5", 50.0),
]


def test_segments_are_read_as_they_are_written():
    assert played_spans("0[.]40.5[,]30[.]60.25[,]90") == [(0, 40_500), (30_000, 60_250)]
    assert played_spans("20[.]10[,]5[.]5[,]") == []
    assert played_spans(None) == []
    assert longest_lengths(STATEMENTS) == {"v1": 100_000, "v2": 50_000}
    [first, *_] = find_sittings(STATEMENTS)
    assert first.played == [("v1", (0, 40_500)), ("v1", (30_000, 60_250))]
    assert union([(30, 60), (0, 30), (50, 70), (90, 200)], 100) == [(0, 70), (90, 100)]


def test_the_replay_covers_the_union_once():
    report = replay.run_all(STATEMENTS)
    assert report.disagreements == []
    assert (report.learners, report.pairs) == (3, 3)
    rows = {(row.user.username, row.content.code): row for row in ContentProgress.objects.all()}
    assert rows["ann", "v1"].coverage == ((0, 100_000),)
    assert rows["ann", "v1"].completed_at is not None
    assert rows["ann", "v2"].coverage == ((45_000, 50_000),)
    assert rows["ben", "v1"].coverage == ((0, 70_001),)
    assert LearningSession.objects.filter(end_reason="ended").count() == 3


def test_nothing_is_credited_twice_when_it_runs_again():
    report = replay.run_all(STATEMENTS)
    assert (report.second.covered, report.second.credited) == (0, 0)
    assert report.second.statuses == {"duplicate": report.first.events}
    assert report.first.statuses == {"accepted": report.first.events}
    assert report.first.withheld == 0


def test_a_learner_reported_complete_who_is_not_is_listed_with_the_cause():
    report = replay.run_all(STATEMENTS)
    assert report.completed == 3
    [played, unheard] = report.exceptions
    assert "its own segments cover 70 of 100 s" in played
    assert "no closed segment was ever reported" in unheard
    assert not report.is_good
    assert "33.3 % of them end at 90 % or more" in "\n".join(report.lines())


@pytest.mark.skipif(not replay.STATEMENTS.exists(), reason="the real statements aren't here")
def test_real_learners_agree_too():
    report = replay.run_all(replay.read_statements(replay.STATEMENTS, learners=12))
    assert report.disagreements == []
    assert report.pairs > 12
    assert report.second.covered == report.second.credited == 0
