"""Cost and return for the API: each figure with its formula, its inputs and its range."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query.api_request import FILTER_PARAMETERS
from analytics.query.minimum_sample import is_enough
from analytics.reporting.request import report_query
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica

from . import presentation, queries


class InputSerializer(serializers.Serializer):
    """What went into a figure, in words."""

    name = serializers.CharField()
    value = serializers.CharField()


class FigureSerializer(serializers.Serializer):
    """`value`, `low` and `high` are null where they aren't known."""

    key = serializers.CharField()
    title = serializers.CharField()
    value = serializers.FloatField(source="amount", allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    unit = serializers.ChoiceField(
        choices=[(unit, unit) for unit in ("hours", "currency", "count", "share")]
    )
    formula = serializers.CharField()
    inputs = InputSerializer(many=True)


class ReturnSerializer(serializers.Serializer):
    currency = serializers.CharField()
    learners = serializers.IntegerField()
    figures = FigureSerializer(many=True, help_text="None for fewer than five learners.")


class ReturnView(OwnZone, views.APIView):
    """What learning cost and what came of it, in the chosen days."""

    @extend_schema(parameters=FILTER_PARAMETERS, responses=ReturnSerializer)
    def get(self, request):
        query = report_query(request)
        with on_replica():
            inputs, learners = queries.inputs(query.filters, query.now)
        figures = presentation.shown_figures(inputs) if is_enough(learners) else []
        payload = {"currency": settings.CURRENCY, "learners": learners, "figures": figures}
        return Response(ReturnSerializer(payload).data)
