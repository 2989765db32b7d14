"""What was learned, read-only: progress in courses and contents, and sessions."""

from django.contrib import admin

from progress.models import ContentProgress, CourseProgress, LearningSession, PastSpans, Waiver

from .columns import column, evidence_link, percent, readable_fields, time
from .list_filters import ChoiceFilter
from .scope import CourseFilter, LearnerRowsAdmin


class CompletionFilter(ChoiceFilter):
    title = "completion"
    parameter_name = "complete"

    def lookups(self, request, model_admin):
        return [("yes", "Complete"), ("no", "Not complete")]

    def queryset(self, request, queryset):
        if self.value() in {"yes", "no"}:
            return queryset.filter(completed_at__isnull=self.value() == "no")
        return queryset


@admin.register(CourseProgress)
class CourseProgressAdmin(LearnerRowsAdmin):
    course_lookup = "course"
    learner_lookup = "user"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "course__code",
        "course__title",
        "completion_bp",
        "completed_at",
        "time_ms",
        "total_sessions",
        "updated_at",
    )
    list_display = [
        "user",
        "course",
        column("completion_bp", "completed", percent),
        "completed_at",
        column("time_ms", "time spent", time),
        "total_sessions",
        "updated_at",
    ]
    list_select_related = ["user", "course"]
    list_filter = [CourseFilter, CompletionFilter]

    def get_queryset(self, request):
        # These grow with a learner's whole history; only the page of one row needs them.
        return super().get_queryset(request).defer("active_spans", "elapsed_spans")


@admin.register(PastSpans)
class PastSpansAdmin(LearnerRowsAdmin):
    course_lookup = "enrollment__course"
    downloads = (
        "user__username",
        "user__full_name",
        "enrollment__course__code",
        "enrollment__course__title",
    )
    list_display = ["user", "enrollment"]
    list_select_related = ["user", "enrollment"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("active_spans", "elapsed_spans")


class OpenFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", "Open"), *LearningSession.EndReason.choices]

    def queryset(self, request, queryset):
        if self.value() == "open":
            return queryset.open()
        if self.value() in LearningSession.EndReason.values:
            return queryset.filter(end_reason=self.value())
        return queryset


@admin.register(LearningSession)
class LearningSessionAdmin(LearnerRowsAdmin):
    course_lookup = "course"
    learner_lookup = "user"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "course__code",
        "course__title",
        "start_time",
        "end_time",
        "end_reason",
        "last_activity_at",
        "active_ms",
        "idle_ms",
        "distractions",
        "pages_viewed",
        "videos_watched",
        "quizzes_attempted",
        "device_id",
    )
    list_display = [
        "user",
        "course",
        "start_time",
        "end_time",
        "end_reason",
        column("active_ms", "active", time),
        column("idle_ms", "idle", time),
        "device_id",
        "events",
    ]
    list_select_related = ["user", "course"]
    list_filter = [CourseFilter, OpenFilter]
    ordering = None  # the model's: the latest start first

    def get_queryset(self, request):
        return super().get_queryset(request).defer("elapsed_spans", "positions")

    def get_fields(self, request, obj=None):
        return (*readable_fields(LearningSession), "events")

    @admin.display(description="evidence")
    def events(self, session):
        return evidence_link(session.pk)


@admin.register(ContentProgress)
class ContentProgressAdmin(LearnerRowsAdmin):
    course_lookup = "enrollment__course"
    learner_lookup = "user"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "enrollment__course__code",
        "content__code",
        "content__title",
        "content__content_type",
        "completion_bp",
        "completed_at",
        "time_ms",
        "replayed_ms",
        "withheld_ms",
        "view_count",
        "pause_count",
        "seek_count",
        "download_count",
        "answered_bp",
        "best_score_bp",
        "last_event_at",
    )
    list_display = [
        "user",
        "content",
        column("completion_bp", "completed", percent),
        "completed_at",
        column("answered_bp", "questions answered", percent),
        column("best_score_bp", "best score", percent),
        column("time_ms", "time spent", time),
        column("replayed_ms", "replayed", time),
        column("withheld_ms", "withheld", time),
        "last_event_at",
    ]
    list_select_related = ["user", "content"]
    list_filter = [CompletionFilter]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("coverage", "dwell_ppm")


class InForceFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("in_force", "In force"), ("declined", "Declined")]

    def queryset(self, request, queryset):
        if self.value() in {"in_force", "declined"}:
            return queryset.filter(declined_at__isnull=self.value() == "in_force")
        return queryset


@admin.register(Waiver)
class WaiverAdmin(LearnerRowsAdmin):
    """What learners need not do, and why."""

    course_lookup = "enrollment__course"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "enrollment__course__code",
        "content__code",
        "content__title",
        "reason",
        "because__title",
        "score_bp",
        "granted_at",
        "declined_at",
    )
    list_display = [
        "user",
        "content",
        "reason",
        "because",
        column("score_bp", "score", percent),
        "granted_at",
        "declined_at",
    ]
    list_select_related = ["user", "content", "because"]
    list_filter = [CourseFilter, "reason", InForceFilter]
    search_fields = [*LearnerRowsAdmin.search_fields, "content__title"]
    search_help_text = "The beginning of a learner's username or name, or a content's title."
