"""A content's curve for programs: what its page draws."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.models import ContentEdition
from progress.models import Content
from progress.replica import on_replica

from . import activity, curves
from .hiding import SMALLEST_GROUP
from .scope import courses_for


def _counts(**told) -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField(), **told)


class CurveSerializer(serializers.Serializer):
    """One number for each second, page or hundredth; all null for fewer than five learners."""

    content_id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ContentEdition.Kind.choices, help_text="Of buckets.")
    buckets = serializers.IntegerField()
    learners = serializers.IntegerField()
    finished = serializers.IntegerField(allow_null=True)
    viewers = _counts(allow_null=True, help_text="First views: how many saw it at all.")
    replays = _counts(allow_null=True, help_text="How often it was seen again.")
    drop_offs = _counts(allow_null=True, help_text="Left for good here, unfinished.")
    seek_in = _counts(allow_null=True)
    seek_out = _counts(allow_null=True)
    pauses = _counts(allow_null=True)
    dwell_ms = _counts(allow_null=True, help_text="Of pages and texts.")
    words = serializers.ListField(child=serializers.CharField(), help_text="What stands out.")
    as_of = serializers.DateTimeField(allow_null=True)


NUMBERS = ("viewers", "replays", "drop_offs", "seek_in", "seek_out", "pauses", "dwell_ms")


class CurveView(views.APIView):
    """A content second by second (page by page), over all learners of its present version."""

    @extend_schema(responses=CurveSerializer)
    def get(self, request, content_id: int):
        mine = Content.objects.active().filter(module__course__in=courses_for(request.user))
        content = get_object_or_404(mine, pk=content_id)
        with on_replica():
            counts, as_of = curves.counts_of(content), activity.folded().first()
        return Response(CurveSerializer(_told(content, counts, as_of)).data)


def _told(content: Content, counts: curves.Counts | None, as_of) -> dict:
    if counts is None:
        counts = curves.Counts(ContentEdition.Kind.NONE, 0, 0, *[[]] * 7)
    is_shown = counts.learners >= SMALLEST_GROUP
    told = {name: getattr(counts, name) if is_shown else None for name in NUMBERS}
    return told | {
        "content_id": content.pk,
        "kind": counts.kind,
        "buckets": len(counts.seen),
        "learners": counts.learners,
        "finished": counts.finished if is_shown else None,
        "words": [hotspot.text for hotspot in curves.hotspots(counts)],
        "as_of": as_of,
    }
