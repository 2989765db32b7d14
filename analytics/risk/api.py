"""Risk of open enrolments, for the instructors of the course."""

import django_filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, views, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.models import RiskScore
from analytics.query.api_request import refuse_unknown
from analytics.query.permissions import LooksAtLearners
from analytics.query.scope import titles_for
from progress.api.filtering import STRICT, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages

from . import page
from .departments import departments
from .reason_texts import (
    REASONS,
    compared_with,
    reason_text,
    rule_text,
    unvalidated_text,
)


class ReasonSerializer(serializers.Serializer):
    name = serializers.ChoiceField(choices=[(name, name) for name in REASONS])
    share = serializers.IntegerField(
        help_text="Per cent of what sets the learner apart from those in `compared_with`. If these "
        "are `others`: of the change of the log-odds when behaviour is replaced by theirs."
    )
    raises = serializers.BooleanField(
        help_text="Whether it raises the risk, compared with these, or lowers it."
    )
    compared_with = serializers.ChoiceField(
        choices=[(name, name) for name in RiskScore.ComparedWith.values],
        help_text="What the learner is compared with: `others` of the course who are as far. Where "
        "nothing sets them apart from these (`alike`), or there are too `few`, the learners that "
        "the model has learned from. After the `due_date`, no model is needed.",
    )
    words = serializers.CharField()


class RiskScoreSerializer(serializers.ModelSerializer):
    reasons = serializers.SerializerMethodField()
    model = serializers.CharField(source="model.version", help_text="The model's version.")
    notice = serializers.SerializerMethodField(
        help_text="Without a model, where scores aren't validated: whether the learner is behind "
        "and silent. Empty if not."
    )
    unvalidated = serializers.SerializerMethodField(
        help_text="Why no score is shown in this week of the course. Empty where one is."
    )

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
            "source",
            "model",
            "unvalidated",
            "notice",
        ]

    def get_notice(self, risk: RiskScore) -> str:
        return rule_text(risk.unvalidated)

    def get_unvalidated(self, risk: RiskScore) -> str:
        return unvalidated_text(risk.unvalidated)

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, risk: RiskScore) -> list[dict]:
        return [
            {
                "name": reason["reason"],
                "share": reason["share"],
                "raises": reason["raises"],
                "compared_with": compared_with(reason),
                "words": reason_text(reason),
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
    """How likely it is that open enrolments won't be completed in time, the likeliest first.

    A score from 0 to 100 with the main reasons, or why there is none. Scores are shown only in the
    weeks of a course in which earlier ones turned out to be right; elsewhere `notice` says what is
    known without them. Instructors see the learners of their courses.
    """

    queryset = RiskScore.objects.none()
    serializer_class = RiskScoreSerializer
    permission_classes = [IsAuthenticated, LooksAtLearners]
    sees_all_with = "analytics.view_riskscore"
    filter_backends = STRICT
    filterset_class = RiskFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("analytics_riskscore",), sees_all=lambda user: user.sees_all("analytics.view_riskscore")
    )
    ordering_fields = ["score", "enrollment_id", "as_of"]
    lookup_field = "enrollment_id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        return (
            RiskScore.objects.visible_to(self.request.user)
            .select_related("model")
            .defer("model__document", "model__metrics")
        )


WEEK = {"type": "integer", "minimum": 0, "maximum": 1000}
CALLS = {"type": "integer", "minimum": 1, "maximum": 100}


class RiskModelQuerySerializer(serializers.Serializer):
    week = serializers.IntegerField(
        required=False, min_value=WEEK["minimum"], max_value=WEEK["maximum"]
    )
    calls = serializers.IntegerField(
        required=False, min_value=CALLS["minimum"], max_value=CALLS["maximum"]
    )


class RiskWeekSerializer(serializers.Serializer):
    """How well the score of a week separated learners who completed from those who didn't."""

    week = serializers.IntegerField()
    learners = serializers.IntegerField()
    auc = serializers.FloatField(allow_null=True)


class ThresholdSerializer(serializers.Serializer):
    """What calling these learners would have reached, in percent; null where they are too few."""

    start = serializers.IntegerField(
        help_text="The lowest score that is called; of `ranks`, how many of a hundred learners are "
        "called, those with the highest scores first."
    )
    called = serializers.IntegerField()
    precision = serializers.IntegerField(allow_null=True)
    recall = serializers.IntegerField(allow_null=True)
    is_advised = serializers.BooleanField(
        help_text="The rank that reaches the most within `calls`; never a threshold."
    )


class ReliabilitySerializer(serializers.Serializer):
    learners = serializers.IntegerField()
    predicted = serializers.IntegerField(help_text="The mean score of these learners.")
    seen = serializers.IntegerField(
        allow_null=True, help_text="The percentage that didn't complete."
    )


class RiskDepartmentSerializer(serializers.Serializer):
    """How right the scores of a department were that were shown in the last year, of enrolments
    whose time is over, in percent and points; null where fewer than 50 have ended."""

    department = serializers.CharField()
    outcomes = serializers.IntegerField(help_text="Enrolments that had a score and have ended.")
    predicted = serializers.IntegerField(allow_null=True, help_text="Their mean score.")
    seen = serializers.IntegerField(
        allow_null=True, help_text="The percentage that wasn't completed on time."
    )
    off = serializers.IntegerField(
        allow_null=True, help_text="By how many points scores were too high; too low if negative."
    )
    low = serializers.IntegerField(
        allow_null=True,
        help_text="The lower bound of its interval. The intervals of all departments together "
        "contain the true values with a probability of 95 %.",
    )
    high = serializers.IntegerField(allow_null=True, help_text="The upper bound.")
    is_off = serializers.BooleanField(
        help_text="Whether scores were off by more than 3 points, and not by chance."
    )
    differs = serializers.BooleanField(
        allow_null=True,
        help_text="Whether they were further off than in the other departments, by more than 3 "
        "points and not by chance; null where there are no others.",
    )


class RiskModelSerializer(serializers.Serializer):
    """`version` is null without a model; the lists are empty while nothing has been measured."""

    version = serializers.CharField(allow_null=True)
    trained_at = serializers.DateTimeField(allow_null=True)
    week = serializers.IntegerField(
        allow_null=True, help_text="The week that the other lists are about."
    )
    weeks = RiskWeekSerializer(many=True)
    advice = serializers.CharField(
        help_text="Who to contact, in a sentence; empty if not measured."
    )
    thresholds = ThresholdSerializer(many=True)
    ranks = ThresholdSerializer(many=True)
    reliability = ReliabilitySerializer(many=True)
    departments = RiskDepartmentSerializer(many=True)


class RiskModelView(views.APIView):
    """How the model in use would have done on own past cohorts; for people who see every course."""

    @extend_schema(
        operation_id="analytics_risk_model_retrieve",
        parameters=[
            OpenApiParameter("week", WEEK, description="Of the course; by default the middle one."),
            OpenApiParameter(
                "calls", CALLS, description="How many of a hundred learners you can contact."
            ),
        ],
        responses=RiskModelSerializer,
    )
    def get(self, request):
        if not page.may_see_measures(request.user):
            raise PermissionDenied
        refuse_unknown(request, RiskModelQuerySerializer().fields)
        query = RiskModelQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        model, weeks = page.measured()
        values = {name: str(value) for name, value in query.validated_data.items()}
        backtest = page.backtest(weeks, values) if weeks else None
        by_department = departments(titles_for(request.user))
        payload = {
            "version": model.version if model else None,
            "trained_at": model.trained_at if model else None,
            "week": backtest.week["week"] if backtest else None,
            "weeks": weeks,
            "advice": backtest.advice if backtest else "",
            "thresholds": backtest.thresholds if backtest else [],
            "ranks": backtest.ranks if backtest else [],
            "reliability": backtest.reliability if backtest else [],
            "departments": by_department.rows if by_department else [],
        }
        return Response(RiskModelSerializer(payload).data)
