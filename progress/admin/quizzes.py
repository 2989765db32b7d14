"""Attempts at quizzes and the history of their answers, read-only."""

from django.contrib import admin

from progress.models import QuizAnswer, QuizAttempt, Regrade

from .columns import column, percent, time
from .scope import LearnerRowsAdmin


@admin.register(QuizAttempt)
class QuizAttemptAdmin(LearnerRowsAdmin):
    course_lookup = "enrollment__course"
    learner_lookup = "user"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "enrollment__course__code",
        "content__code",
        "content__title",
        "number",
        "started_at",
        "submitted_at",
        "score_bp",
        "passed",
        "correct_count",
        "question_count",
        "time_ms",
    )
    list_display = [
        "user",
        "content",
        "number",
        "started_at",
        "submitted_at",
        column("score_bp", "score", percent),
        "passed",
        column("time_ms", "time", time),
    ]
    list_select_related = ["user", "content"]
    list_filter = ["passed"]


@admin.register(QuizAnswer)
class QuizAnswerAdmin(LearnerRowsAdmin):
    course_lookup = "attempt__enrollment__course"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "question__content__code",
        "question__code",
        "question__text",
        "revision",
        "is_conflict",
        "is_late",
        "answered_at",
        "time_ms",
    )
    list_display = [
        "user",
        "question",
        "revision",
        "is_conflict",
        "is_late",
        "answered_at",
        column("time_ms", "time", time),
    ]
    list_select_related = ["user", "question"]
    list_filter = ["is_conflict", "is_late"]


@admin.register(Regrade)
class RegradeAdmin(LearnerRowsAdmin):
    course_lookup = "attempt__enrollment__course"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "attempt_id",
        "score_before_bp",
        "score_after_bp",
        "reason",
        "regraded_at",
    )
    list_display = [
        "user",
        "attempt",
        column("score_before_bp", "score before", percent),
        column("score_after_bp", "score after", percent),
        "reason",
        "regraded_at",
        "regraded_by",
    ]
    list_select_related = ["user", "attempt", "regraded_by"]
