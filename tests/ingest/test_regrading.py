"""A corrected answer key: scores change when someone asks for it, completion stays."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from progress.ingest import regrading
from progress.models import (
    Choice,
    ContentProgress,
    CourseProgress,
    OutboxMessage,
    QuizAttempt,
    Regrade,
)
from tests.factories import a_course, a_user, an_instructor, content
from tests.support.quizzes import Quiz

pytestmark = pytest.mark.django_db
BOTH = ("right", "also right")


def answered(*answers, **changes) -> Quiz:
    """A quiz with its first attempt submitted; each answer names the chosen texts."""
    quiz = Quiz(**changes)
    for number, texts in enumerate(answers):
        quiz.answer(number, *texts)
    quiz.submit()
    return quiz


def correct(quiz, number, text, *, is_correct) -> None:
    """The author changes which choices are right."""
    Choice.objects.filter(question=quiz.questions[number], text=text).update(is_correct=is_correct)
    quiz.course.structure_version += 1
    quiz.course.save()


def regrade(quiz, **options) -> int:
    fresh = content(quiz.course, "c1")
    arguments = {"reason": "The key was wrong.", "by": None, "now": timezone.now()} | options
    return regrading.regrade(fresh, **arguments)


def stored(quiz):
    attempt = QuizAttempt.objects.get()
    row = ContentProgress.objects.get()
    return attempt.score_bp, attempt.passed, row.best_score_bp, row.completed_at is not None


def test_who_passes_by_the_corrected_key_completes_by_the_normal_path():
    quiz = answered(BOTH, BOTH, ["right"], ["wrong"])
    assert stored(quiz) == (5000, False, 5000, False)
    correct(quiz, 2, "also right", is_correct=False)
    assert stored(quiz)[0] == 5000, "nothing moves by itself"
    assert regrade(quiz) == 1
    assert stored(quiz) == (7500, True, 7500, True)
    assert CourseProgress.objects.get().completion_bp == 10_000
    assert OutboxMessage.objects.get().kind == "course_completed"
    kept = Regrade.objects.get()
    assert (kept.score_before_bp, kept.score_after_bp) == (5000, 7500)
    assert (kept.passed_before, kept.passed_after) == (False, True)


def test_who_falls_below_stays_complete_and_other_apps_are_notified():
    quiz = answered(BOTH, BOTH, BOTH, ["wrong"])
    OutboxMessage.objects.all().delete()
    before = CourseProgress.objects.get().completed_at
    correct(quiz, 0, "also right", is_correct=False)
    assert regrade(quiz) == 1
    assert stored(quiz) == (5000, False, 5000, True)
    assert CourseProgress.objects.get().completed_at == before
    assert OutboxMessage.objects.get().kind == "course_regraded"


def test_twice_changes_nothing_more():
    quiz = answered(BOTH, BOTH, ["right"], ["wrong"])
    correct(quiz, 2, "also right", is_correct=False)
    assert [regrade(quiz), regrade(quiz)] == [1, 0]
    assert Regrade.objects.count() == 1


def test_the_fold_agrees_afterwards(capsys):
    quiz = answered(BOTH, BOTH, ["right"], ["wrong"])
    correct(quiz, 2, "also right", is_correct=False)
    regrade(quiz)
    call_command("check_progress")
    assert "Everything agrees" in capsys.readouterr().out


def test_a_question_that_came_later_counts_for_nobody_from_before():
    quiz = answered(BOTH, BOTH, BOTH, BOTH)
    quiz.content.questions.create(
        code="new", text="New?", position=9, created_at=timezone.now() + timedelta(days=1)
    )
    quiz.course.structure_version += 1
    quiz.course.save()
    assert regrade(quiz) == 0
    # One that was asked and is retired since doesn't count, either way.
    quiz.questions[0].retired_at = timezone.now()
    quiz.questions[0].save()
    quiz.course.structure_version += 1
    quiz.course.save()
    assert regrade(quiz) == 0, "three of three is still 100 %"


def test_the_best_of_several_attempts_counts():
    quiz = answered(BOTH, BOTH, BOTH, ["wrong"])
    for number in range(4):
        quiz.answer(number, "wrong", attempt=2)
    quiz.submit(attempt=2)
    correct(quiz, 0, "also right", is_correct=False)
    assert regrade(quiz) == 1
    assert ContentProgress.objects.get().best_score_bp == 5000


def test_the_command_shows_first_and_changes_with_a_reason(capsys):
    quiz = answered(BOTH, BOTH, ["right"], ["wrong"])
    correct(quiz, 2, "also right", is_correct=False)
    call_command("regrade", quiz.course.code, "c1")
    output = capsys.readouterr().out
    assert "50 % → 75 %" in output
    assert stored(quiz)[0] == 5000
    call_command("regrade", quiz.course.code, "c1", reason="The key was wrong.")
    assert stored(quiz)[0] == 7500
    with pytest.raises(CommandError, match="no content 'c9'"):
        call_command("regrade", quiz.course.code, "c9")


def test_in_the_admin_after_a_look_and_with_a_reason(client):
    quiz = answered(BOTH, BOTH, ["right"], ["wrong"])
    correct(quiz, 2, "also right", is_correct=False)
    staff = a_user(is_staff=True, is_superuser=True)
    client.force_login(staff)
    form = {"action": "regrade", "_selected_action": quiz.content.pk}
    page = client.post("/admin/progress/content/", form).content.decode()
    assert "1 submitted attempt would" in page
    assert stored(quiz)[0] == 5000
    page = client.post("/admin/progress/content/", form | {"reason": ""}).content.decode()
    assert "This field is required" in page
    client.post("/admin/progress/content/", form | {"reason": "The key was wrong."})
    assert stored(quiz)[0] == 7500
    assert Regrade.objects.get().regraded_by == staff


def test_instructors_without_the_permission_do_not_regrade(client):
    quiz = answered(BOTH, BOTH, ["right"], ["wrong"])
    correct(quiz, 2, "also right", is_correct=False)
    client.force_login(an_instructor(quiz.course))
    form = {"action": "regrade", "_selected_action": quiz.content.pk, "reason": "Because."}
    client.post("/admin/progress/content/", form)
    assert stored(quiz)[0] == 5000


def test_what_is_no_quiz_is_refused():
    video = content(a_course(), "video")
    with pytest.raises(regrading.NotAQuiz):
        regrading.preview(video)
    with pytest.raises(CommandError, match="no quiz"):
        call_command("regrade", video.module.course.code, "video")
