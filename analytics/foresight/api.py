"""Risk of open enrolments, for those who teach the course."""

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from analytics.models import RiskScore

from .words import REASONS, sentence


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
    at_least = django_filters.NumberFilter("score", "gte")
    band = django_filters.ChoiceFilter(choices=RiskScore.Band.choices)
    course_id = django_filters.NumberFilter()
    user_id = django_filters.NumberFilter()

    class Meta:
        model = RiskScore
        fields = ["course_id", "user_id", "band", "at_least"]


class RiskViewSet(viewsets.ReadOnlyModelViewSet):
    """How likely open enrolments are not to be completed in time, the likeliest first.

    0 to 100, with the largest reasons; or no score, and why there is none. Instructors see the
    learners of their courses.
    """

    queryset = RiskScore.objects.none()
    serializer_class = RiskScoreSerializer
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
