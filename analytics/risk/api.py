"""Risk of open enrolments, for those who teach the course."""

import django_filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, views, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.models import RiskScore
from analytics.query.api_request import refuse_unknown
from analytics.query.permissions import LooksAtLearners
from progress.api.filtering import STRICT, WholeNumberFilter

from . import page
from .reason_texts import REASONS, sentence


class ReasonSerializer(serializers.Serializer):
    name = serializers.ChoiceField(choices=[(name, name) for name in REASONS])
    share = serializers.IntegerField(help_text="Per cent of all that the learner's doing said.")
    raises = serializers.BooleanField(help_text="Whether it raises the risk, or lowers it.")
    words = serializers.CharField()


class RiskScoreSerializer(serializers.ModelSerializer):
    reasons = serializers.SerializerMethodField()
    model = serializers.CharField(source="model.version", help_text="The model's version.")

    class Meta:
        model = RiskScore
        fields = [
            "enrollment_id",
            "user_id",
            "course_id",
            "as_of",
            "score",
            "band",
            "insufficient",
            "reasons",
            "model",
        ]

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, risk: RiskScore) -> list[dict]:
        return [
            {
                "name": reason["reason"],
                "share": reason["share"],
                "raises": reason["raises"],
                "words": sentence(reason),
            }
            for reason in risk.reasons
        ]


class RiskFilter(django_filters.FilterSet):
    at_least = WholeNumberFilter("score", "gte")
    band = django_filters.ChoiceFilter(choices=RiskScore.Band.choices)
    insufficient = django_filters.ChoiceFilter(choices=RiskScore.Insufficient.choices)
    course_id = WholeNumberFilter()
    user_id = WholeNumberFilter()

    class Meta:
        model = RiskScore
        fields = ["course_id", "user_id", "band", "insufficient", "at_least"]


class RiskViewSet(viewsets.ReadOnlyModelViewSet):
    """How likely open enrolments are not to be completed in time, the likeliest first.

    0 to 100, with the largest reasons; or no score, and why there is none. Instructors see the
    learners of their courses.
    """

    queryset = RiskScore.objects.none()
    serializer_class = RiskScoreSerializer
    permission_classes = [IsAuthenticated, LooksAtLearners]
    sees_all_with = "analytics.view_riskscore"
    filter_backends = STRICT
    filterset_class = RiskFilter
    ordering_fields = ["score", "enrollment_id", "as_of"]
    lookup_field = "enrollment_id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        return (
            RiskScore.objects.visible_to(self.request.user)
            .select_related("model")
            .defer("model__document", "model__metrics")
        )


A_WEEK = {"type": "integer", "minimum": 0, "maximum": 1000}
CALLS = {"type": "integer", "minimum": 1, "maximum": 100}


class AskedSerializer(serializers.Serializer):
    week = serializers.IntegerField(
        required=False, min_value=A_WEEK["minimum"], max_value=A_WEEK["maximum"]
    )
    calls = serializers.IntegerField(
        required=False, min_value=CALLS["minimum"], max_value=CALLS["maximum"]
    )


class RiskWeekSerializer(serializers.Serializer):
    """Of a week of the course: how well the score ranked those who then completed and didn't."""

    week = serializers.IntegerField()
    learners = serializers.IntegerField()
    auc = serializers.FloatField(allow_null=True)


class ThresholdSerializer(serializers.Serializer):
    """Whom it would have called, in percent; null where too few can be counted."""

    start = serializers.IntegerField(help_text="From this score on.")
    called = serializers.IntegerField()
    precision = serializers.IntegerField(allow_null=True)
    recall = serializers.IntegerField(allow_null=True)
    is_advised = serializers.BooleanField()


class ReliabilitySerializer(serializers.Serializer):
    learners = serializers.IntegerField()
    told = serializers.IntegerField(help_text="The mean score of these learners.")
    seen = serializers.IntegerField(allow_null=True, help_text="How many per cent didn't complete.")


class RiskModelSerializer(serializers.Serializer):
    """`version` is null without a model; the lists are empty while nothing has been measured."""

    version = serializers.CharField(allow_null=True)
    trained_at = serializers.DateTimeField(allow_null=True)
    week = serializers.IntegerField(allow_null=True, help_text="Of the lists after `weeks`.")
    weeks = RiskWeekSerializer(many=True)
    advice = serializers.CharField(help_text="Whom to call, in a sentence; empty: not measured.")
    thresholds = ThresholdSerializer(many=True)
    reliability = ReliabilitySerializer(many=True)


class RiskModelView(views.APIView):
    """How the model in use would have done on own past cohorts; for who sees every course."""

    @extend_schema(
        operation_id="analytics_risk_model_retrieve",
        parameters=[
            OpenApiParameter(
                "week", A_WEEK, description="Of the course; by default the middle one."
            ),
            OpenApiParameter("calls", CALLS, description="How many of a hundred one can call."),
        ],
        responses=RiskModelSerializer,
    )
    def get(self, request):
        if not page.may_open(request.user):
            raise PermissionDenied
        refuse_unknown(request, AskedSerializer().fields)
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        model, weeks = page.measured()
        told = {name: str(value) for name, value in asked.validated_data.items()}
        found = page.backtest(weeks, told) if weeks else None
        answer = {
            "version": model.version if model else None,
            "trained_at": model.trained_at if model else None,
            "week": found.week["week"] if found else None,
            "weeks": weeks,
            "advice": found.advice if found else "",
            "thresholds": found.thresholds if found else [],
            "reliability": found.reliability if found else [],
        }
        return Response(RiskModelSerializer(answer).data)
