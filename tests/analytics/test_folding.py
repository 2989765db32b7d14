"""Folding counts everything once: beside open transactions, twice at once, killed, late, moved."""

import threading
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from analytics import tasks
from analytics.facts.rollups import folding, quizzes
from analytics.facts.rollups.habits import Groups
from analytics.facts.rollups.rebuilding import rebuild
from analytics.models import (
    ContentCurve,
    ContentEdition,
    ContentReach,
    CourseDay,
    LearnerDay,
    LearnerHabit,
    QuestionRollup,
    RollupSource,
)
from progress import slots
from progress.catalogue import replace_course
from progress.ingest.refold import refold_course
from progress.jobs import Run
from progress.models import ContentInteraction, EvidenceExport, Question
from progress.operations.partitions import Partition
from tests.factories import a_course_of, a_document, a_learner, a_session, content, report

BEGIN = datetime(2026, 5, 31, 20, 0, tzinfo=UTC)
VIDEO = {"content_type": "video", "duration_seconds": 60}


def fold(now=BEGIN) -> Run:
    run = Run("fold", now)
    folding.fold_new(run)
    return run


def watch(session, start, end, *, now, **shown):
    target = content(session.course, "c1")
    event = {"content_id": target.pk, "interaction_type": "progress", "segments": [[start, end]]}
    return report(session, event | {"duration_seconds": end - start} | shown, now=now)


def seen(course) -> list[int]:
    rows = ContentCurve.objects.filter(edition__content__module__course=course)
    return [sum(months) for months in zip(*rows.values_list("seen", flat=True), strict=True)]


def at(seconds):
    return BEGIN + timedelta(seconds=seconds)


def oldest_running() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


def beside(work) -> threading.Thread:
    """Do it in a thread with a connection of its own."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


# --- Who else is at it ---------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_what_commits_late_with_lower_ids_is_not_passed_by():
    course = a_course_of(VIDEO)
    slow, quick = (a_session(course, now=BEGIN) for _ in range(2))
    written, may_commit = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            watch(slow, 0, 10, now=at(10))
            written.set()
            may_commit.wait(20)

    thread = beside(slowly)
    assert written.wait(20)
    watch(quick, 0, 10, now=at(10))
    fold()
    fold()
    ids = ContentInteraction.objects.filter(session=quick).values_list("pk", flat=True)
    assert RollupSource.objects.get(name="evidence").passed_id < min(ids)
    assert LearnerDay.objects.count() == 1
    may_commit.set()
    thread.join()
    fold()
    assert LearnerDay.objects.count() == 2
    assert seen(course)[:11] == [2] * 10 + [0]
    fold()
    last = ContentInteraction.objects.order_by("-pk").values_list("pk", flat=True)[0]
    source = RollupSource.objects.get(name="evidence")
    # Unless another process is writing on the same server, in whatever database.
    assert source.passed_id == last or source.pending_xmax > oldest_running()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_count_everything_once(monkeypatch):
    monkeypatch.setattr(folding, "CHUNK", 1)
    course = a_course_of(VIDEO)
    for _ in range(6):
        watch(a_session(course, now=BEGIN), 0, 10, now=at(10))
    threads = [beside(fold) for _ in range(3)]
    for thread in threads:
        thread.join()
    assert seen(course)[:11] == [6] * 10 + [0]
    assert LearnerDay.objects.count() == 6


@pytest.mark.django_db
def test_a_killed_run_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(folding, "CHUNK", 1)
    course = a_course_of(VIDEO)
    for _ in range(3):
        watch(a_session(course, now=BEGIN), 0, 10, now=at(10))
    count, calls = quizzes.count, []

    def dies(enrollments):
        calls.append(enrollments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return count(enrollments)

    monkeypatch.setattr(quizzes, "count", dies)
    with pytest.raises(KeyboardInterrupt):
        fold()
    assert (LearnerDay.objects.count(), seen(course)[0]) == (1, 1)
    assert CourseDay.objects.get().is_stale
    fold()
    assert (LearnerDay.objects.count(), seen(course)[0]) == (3, 3)
    whole = CourseDay.objects.get()
    assert (whole.active_ms, whole.is_stale) == (30_000, False)


@pytest.mark.django_db
def test_a_chain_that_cannot_be_folded_stops_nobody_else():
    course = a_course_of(VIDEO)
    sessions = [a_session(course, now=BEGIN) for _ in range(3)]
    for session in sessions:
        watch(session, 0, 10, now=at(10))
    ContentInteraction.objects.filter(session=sessions[1]).update(record="{}")
    fold()
    assert set(LearnerDay.objects.values_list("enrollment", flat=True)) == {
        sessions[0].enrollment_id,
        sessions[2].enrollment_id,
    }


@pytest.mark.django_db
def test_a_run_without_news_touches_nothing():
    course = a_course_of(VIDEO)
    watch(a_session(course, now=BEGIN), 0, 10, now=at(10))
    assert fold().rows == 1
    assert fold(at(60)).rows == 0
    assert RollupSource.objects.get(name="evidence").folded_at == at(60)
    tasks.fold_rollups()


@pytest.mark.django_db
def test_what_was_there_before_the_habits_has_them_after_the_migration():
    course = a_course_of(VIDEO)
    for ago in (0, 1, 3, 20):
        began = BEGIN - timedelta(days=ago)
        watch(a_session(course, now=began), 0, 10, now=began + timedelta(seconds=10))
    fold()
    names = ("pk", "user_id", "course_id", "first_day", *Groups._fields)
    habits = list(LearnerHabit.objects.order_by("pk").values_list(*names))
    days = list(CourseDay.objects.order_by("day").values_list("day", "active_ms", "hours_ms"))
    LearnerHabit.objects.all().delete()
    CourseDay.objects.all().delete()
    fill = import_module("analytics.migrations.0031_fill_course_days")
    with connection.cursor() as cursor:
        for statement in (fill.HABITS, fill.DAYS) * 2:
            cursor.execute(statement)
    assert list(LearnerHabit.objects.order_by("pk").values_list(*names)) == habits
    assert set(CourseDay.objects.values_list("is_stale", flat=True)) == {True}
    fold()
    assert (
        list(CourseDay.objects.order_by("day").values_list("day", "active_ms", "hours_ms")) == days
    )


# --- What changes under it -----------------------------------------------------------------------
@pytest.mark.django_db
def test_a_new_medium_gets_a_curve_of_its_own_and_a_rebuild_separates_them():
    document = a_document(modules=[{"code": "m", "contents": [VIDEO | {"code": "c1"}]}])
    course = replace_course(document)
    session = a_session(course, now=BEGIN)
    watch(session, 0, 10, now=at(10))
    fold(at(20))
    longer = {"media_version": 2, "duration_seconds": 90}
    replace_course(
        document | {"modules": [{"code": "m", "contents": [VIDEO | {"code": "c1"} | longer]}]}
    )
    fold(at(30))
    watch(session, 0, 20, now=at(50))
    fold(at(60))

    def shown():
        editions = ContentEdition.objects.filter(content__module__course=course)
        return [(e.buckets, sum(e.curves.get().seen), sum(e.reach.viewers)) for e in editions]

    assert shown() == [(60, 10, 10), (90, 20, 20)]
    rebuild(course.pk, now=at(70))
    assert shown() == [(60, 10, 10), (90, 20, 20)]


@pytest.mark.django_db
def test_who_moves_has_their_days_counted_in_the_new_zone():
    course = a_course_of(VIDEO)
    learner = a_learner(course, time_zone="UTC")
    watch(a_session(course, learner, now=BEGIN), 0, 10, now=at(10))
    fold()
    assert LearnerDay.objects.get().day == date(2026, 5, 31)
    learner.time_zone = "Asia/Kolkata"
    learner.save()
    tasks.follow_zones()
    fold()
    row = LearnerDay.objects.get()
    assert (row.day, row.hours_ms[1], row.events) == (date(2026, 6, 1), 10_000, 1)
    whole = CourseDay.objects.get()
    assert (whole.day, whole.hours_ms[1], whole.is_stale) == (row.day, 10_000, False)
    assert LearnerHabit.objects.get().first_day == row.day
    assert seen(course)[0] == 1
    assert folding.mark_moved() == 0


@pytest.mark.django_db
def test_what_an_author_completes_is_counted_once_learners_are_refolded():
    document = a_document(modules=[{"code": "m", "contents": [VIDEO | {"code": "c1"}]}])
    course = replace_course(document)
    session = a_session(course, now=BEGIN)
    watch(session, 0, 30, now=at(30))
    fold(at(40))
    assert LearnerDay.objects.get().contents_completed == 0
    easier = VIDEO | {"code": "c1", "complete_at": 50}
    course = replace_course(document | {"modules": [{"code": "m", "contents": [easier]}]})
    fold(at(50))
    refold_course(course.pk, now=at(60))
    fold(at(70))
    assert LearnerDay.objects.get().contents_completed == 1


@pytest.mark.django_db
def test_a_corrected_key_corrects_the_questions_amounts():
    question = {
        "code": "q",
        "text": "?",
        "choices": [{"text": "a", "correct": True}, {"text": "b"}],
    }
    course = a_course_of({"content_type": "quiz", "pass_percentage": 50, "questions": [question]})
    quiz, session = content(course, "c1"), a_session(course, now=BEGIN)
    found = Question.objects.get(content=quiz)
    wrong = found.choices.get(is_correct=False)
    event = {"content_id": quiz.pk}
    report(
        session,
        event | {"interaction_type": "answer", "question_id": found.pk, "answer": [wrong.pk]},
        event | {"interaction_type": "submit"},
        now=at(10),
    )
    fold()
    assert (QuestionRollup.objects.get().answers, QuestionRollup.objects.get().right) == (1, 0)
    found.choices.filter(is_correct=True).update(is_correct=False)
    found.choices.filter(pk=wrong.pk).update(is_correct=True)
    course.structure_version += 1
    course.save()
    call_command("regrade", course.code, "c1", "--reason", "The key was wrong.")
    fold()
    assert (QuestionRollup.objects.get().answers, QuestionRollup.objects.get().right) == (1, 1)


# --- Retention -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_dropped_month_stays_as_it_was_and_the_rest_is_made_again():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    old = a_session(course, learner, now=datetime(2026, 3, 10, 12, tzinfo=UTC))
    watch(old, 0, 20, now=datetime(2026, 3, 10, 12, 1, tzinfo=UTC))
    watch(old, 20, 30, now=datetime(2026, 3, 10, 12, 2, tzinfo=UTC))
    watch(a_session(course, learner, now=BEGIN), 10, 40, now=at(30))
    fold()
    before = _shown(course)
    # Of March there is but one event left, which came after the rest was dropped.
    ContentInteraction.objects.filter(session=old).first().delete()
    EvidenceExport.objects.create(
        partition="progress_contentinteraction_2026_03",
        file="march",
        rows=1,
        sha256="",
        exported_at=BEGIN,
        dropped_at=BEGIN,
    )
    rebuild(course.pk, now=at(60))
    assert _shown(course) == before
    assert (before["seen"][15], before["seen"][25]) == (2, 2)
    assert before["viewers"][:41] == [1] * 40 + [0]
    assert before["replayers"][:31] == [0] * 10 + [1] * 20 + [0]


def _shown(course) -> dict:
    reach = ContentReach.objects.get(edition__content__module__course=course)
    days = LearnerDay.objects.filter(course=course).order_by("day", "session_month")
    return {
        "seen": seen(course),
        "viewers": reach.viewers,
        "replayers": reach.replayers,
        "reach": (reach.learners, reach.finished, reach.drop_offs),
        "days": list(days.values_list("day", "session_month", "active_ms", "events", "covered_ms")),
        "course days": list(CourseDay.objects.values_list("course", "day", "active_ms")),
        "rhythms": list(LearnerHabit.objects.values_list("enrollment", "first_day", "rhythm")),
    }


@pytest.mark.django_db
def test_evidence_is_folded_before_it_may_leave():
    course = a_course_of(VIDEO)
    session = a_session(course, now=BEGIN)
    watch(session, 0, 10, now=at(10))
    may = Partition(date(2026, 5, 1))
    assert slots.unfolded_evidence(*may.bounds) is False
    assert LearnerDay.objects.get().events == 1
    watch(session, 10, 20, now=at(20))
    ContentInteraction.objects.filter(chain_index=1).update(record="{}")
    assert slots.unfolded_evidence(*may.bounds) is True
    assert slots.unfolded_evidence(*Partition(date(2026, 4, 1)).bounds) is False


@pytest.mark.django_db
def test_a_rebuild_mends_what_was_spoilt(capsys):
    course = a_course_of(VIDEO)
    session = a_session(course, now=BEGIN)
    watch(session, 0, 20, now=at(30))
    fold()
    before = _shown(course)
    LearnerDay.objects.update(active_ms=1, events=9)
    CourseDay.objects.update(active_ms=3, day=date(2026, 5, 1))
    LearnerHabit.objects.update(rhythm="seven_and_more")
    ContentCurve.objects.update(seen=[7] * 60)
    ContentReach.objects.update(viewers=[3] * 60, learners=5)
    assert _shown(course) != before
    call_command("rebuild_rollups", "--course", course.code)
    assert capsys.readouterr().out == f"{course.code}: 1 enrolments\n"
    assert _shown(course) == before


@pytest.mark.django_db
def test_a_course_that_is_not_there_is_refused_by_its_code():
    with pytest.raises(CommandError, match="'nowhere'"):
        call_command("rebuild_rollups", "--course", "nowhere")
