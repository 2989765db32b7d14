"""A learner in a course for programs: sessions, attempts, and what wasn't counted, as numbers.

Contents are in `/api/employee/realtime_progress/…`; risk and alerts have endpoints of their own.
"""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query.api_request import DashboardFigureSerializer, refuse_unknown
from analytics.query.scope import enrollment_for
from progress.api.zone import OwnZone
from progress.models import LearningSession, OutsideCompletion, QuizAttempt
from progress.operations.replica import on_replica

from . import learner


class DaySerializer(serializers.Serializer):
    day = serializers.DateField(help_text="Of the learner's own zone.")
    active_seconds = serializers.IntegerField()


class SessionSerializer(serializers.Serializer):
    """`away_seconds` is the rest, in which the page was hidden or silent."""

    session_id = serializers.UUIDField(source="pk")
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField(allow_null=True)
    device_id = serializers.CharField()
    active_seconds = serializers.SerializerMethodField()
    idle_seconds = serializers.SerializerMethodField()
    away_seconds = serializers.SerializerMethodField()
    distractions = serializers.IntegerField()

    def get_active_seconds(self, session: LearningSession) -> int:
        return session.active_ms // 1000

    def get_idle_seconds(self, session: LearningSession) -> int:
        return session.idle_ms // 1000

    def get_away_seconds(self, session: LearningSession) -> int:
        return learner.away_ms(session) // 1000


class AttemptSerializer(serializers.Serializer):
    content_id = serializers.IntegerField()
    title = serializers.CharField(source="content.title")
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    score_percent = serializers.SerializerMethodField()
    passed = serializers.BooleanField(allow_null=True)
    active_seconds = serializers.SerializerMethodField()

    def get_score_percent(self, attempt: QuizAttempt) -> float | None:
        return None if attempt.score_bp is None else attempt.score_bp / 100

    def get_active_seconds(self, attempt: QuizAttempt) -> int:
        return attempt.time_ms // 1000


class WithheldSerializer(serializers.Serializer):
    """Events whose time or coverage wasn't counted; without a reason, that contradicted others."""

    content_id = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(source="withheld_reason", allow_blank=True)
    events = serializers.IntegerField()
    covered_seconds = serializers.SerializerMethodField()
    active_seconds = serializers.SerializerMethodField()

    def get_covered_seconds(self, row: dict) -> int:
        return (row["covered_ms"] or 0) // 1000

    def get_active_seconds(self, row: dict) -> int:
        return (row["active_ms"] or 0) // 1000


class EarlierCycleSerializer(serializers.Serializer):
    enrollment_id = serializers.IntegerField(source="pk")
    cycle = serializers.IntegerField()
    enrolled_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    percent = serializers.IntegerField()


class OutsideShownSerializer(serializers.Serializer):
    """A completion elsewhere; `/api/outside-completions/` has all of them."""

    id = serializers.IntegerField(source="pk")
    completed_on = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    is_valid = serializers.BooleanField()
    basis = serializers.ChoiceField(choices=OutsideCompletion.Basis.choices)
    authority = serializers.CharField()
    reference = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class LearnerInsightSerializer(serializers.Serializer):
    user_id = serializers.IntegerField(source="enrollment.user_id")
    course_id = serializers.IntegerField(source="enrollment.course_id")
    enrollment_id = serializers.IntegerField(source="enrollment.pk")
    as_of = serializers.DateTimeField()
    figures = DashboardFigureSerializer(many=True)
    days = DaySerializer(many=True)
    sessions = SessionSerializer(many=True, help_text="The newest twenty.")
    attempts = AttemptSerializer(many=True, help_text="The newest thirty.")
    withheld = WithheldSerializer(many=True)
    drifts = serializers.IntegerField(help_text="Open alarms about stored progress that is wrong.")
    earlier = EarlierCycleSerializer(many=True, help_text="Cycles before this one.")
    outside_completion = OutsideShownSerializer(
        allow_null=True, help_text="The one in force that is valid the longest."
    )


class LearnerInsightView(OwnZone, views.APIView):
    """When a learner learned, what they tried, and what of it wasn't counted and why."""

    @extend_schema(responses=LearnerInsightSerializer)
    def get(self, request, course_id: int, learner_id: int):
        refuse_unknown(request)
        annotations = learner.annotations(request.user)
        enrollment = enrollment_for(request.user, course_id, learner_id, **annotations)
        with on_replica():
            shown = learner.insight(enrollment, timezone.now())
            return Response(LearnerInsightSerializer(shown).data)
