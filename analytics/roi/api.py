"""Cost and return for programs: each figure with its formula, its inputs and its range."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query.api_request import FILTER_PARAMETERS
from analytics.query.minimum_sample import is_enough
from analytics.reporting.request import asked_of
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica

from . import figures, reading, telling


class InputSerializer(serializers.Serializer):
    """What went into a figure, in words."""

    name = serializers.CharField()
    value = serializers.CharField()


class FigureSerializer(serializers.Serializer):
    """`value`, `low` and `high` are null where nothing is known."""

    key = serializers.CharField()
    title = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
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
        asked = asked_of(request)
        with on_replica():
            inputs, learners = reading.inputs(asked.filters, asked.now)
        shown = _figures(inputs) if is_enough(learners) else []
        return Response({"currency": settings.CURRENCY, "learners": learners, "figures": shown})


def _figures(inputs: figures.Inputs) -> list[dict]:
    change, exposure = figures.pass_change(inputs), figures.exposure_hours(inputs)
    values = {
        "hours": (figures.hours(inputs), None, None, "hours"),
        "cost": (figures.cost(inputs), None, None, "currency"),
        "completions": (inputs.completions, None, None, "count"),
        "cost_of_completion": (figures.cost_of_completion(inputs), None, None, "currency"),
        "pass_change": (change and change[0], *(change[1] if change else (None, None)), "share"),
        "exposure": (
            (exposure.middle, exposure.low, exposure.high, "hours")
            if exposure
            else (None, None, None, "hours")
        ),
    }
    return [
        {
            "key": told.key,
            "title": told.title,
            "value": _number(values[told.key][0]),
            "low": _number(values[told.key][1]),
            "high": _number(values[told.key][2]),
            "unit": values[told.key][3],
            "formula": told.formula,
            "inputs": [{"name": name, "value": value} for name, value in told.inputs],
        }
        for told in telling.told(inputs)
    ]


def _number(value) -> float | None:
    return None if value is None else float(value)
