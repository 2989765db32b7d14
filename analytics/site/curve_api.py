"""A content's curve for programs: the numbers its page draws."""

from datetime import datetime

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.models import ContentEdition
from analytics.query import activity, curves
from analytics.query.api_request import COURSE_FILTER_PARAMETERS, filters_of
from analytics.query.filters import AS_OF_NOW, Filters
from analytics.query.minimum_sample import is_enough
from analytics.query.scope import courses_for
from analytics.query.subset import LearnerSubset
from progress.api.zone import OwnZone
from progress.models import Content
from progress.operations.replica import on_replica

from .content import counts_of, hotspots


def _counts(**payload) -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField(), **payload)


class CurveSerializer(serializers.Serializer):
    """One number for each second, page or hundredth; all null for fewer than five learners.

    Narrowed to a department or a month of enrolment, what is counted of everybody only is null.
    """

    content_id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ContentEdition.Kind.choices, help_text="Of buckets.")
    buckets = serializers.IntegerField()
    learners = serializers.IntegerField()
    finished = serializers.IntegerField(allow_null=True)
    viewers = _counts(allow_null=True, help_text="First views: how many learners saw it at all.")
    replayers = _counts(allow_null=True, help_text="How many of them played it again.")
    replays = _counts(allow_null=True, help_text="How often it was played again; for media.")
    drop_offs = _counts(allow_null=True, help_text="Left for good here, unfinished.")
    seek_in = _counts(allow_null=True)
    seek_out = _counts(allow_null=True)
    pauses = _counts(allow_null=True)
    dwell_ms = _counts(allow_null=True, help_text="Of pages and texts.")
    words = serializers.ListField(child=serializers.CharField(), help_text="What stands out.")
    as_of = serializers.DateTimeField(allow_null=True)


OF_GROUPS = ("viewers", "replayers", "drop_offs")
OF_ALL = ("replays", "seek_in", "seek_out", "pauses", "dwell_ms")


class CurveView(OwnZone, views.APIView):
    """A content second by second (page by page), over its present version's learners."""

    @extend_schema(parameters=COURSE_FILTER_PARAMETERS[:2], responses=CurveSerializer)
    def get(self, request, content_id: int):
        mine = Content.objects.active().filter(module__course__in=courses_for(request.user))
        content = get_object_or_404(mine.select_related("module__course"), pk=content_id)
        course = content.module.course
        with on_replica():
            query = filters_of(
                request, {course.pk: course.title}, has_course=False, allowed=AS_OF_NOW
            )
            payload = _payload(content, query, activity.folded().first())
        return Response(CurveSerializer(payload).data)


def _payload(content: Content, filters: Filters, as_of: datetime | None) -> dict:
    edition = curves.edition_of(content)
    learners = LearnerSubset(edition, filters) if edition else None
    counts = counts_of(edition, learners, filters) if edition and learners else None
    if counts is None or learners is None:
        counts, words = curves.Counts(ContentEdition.Kind.NONE, 0, 0, *[[]] * 8), []
    else:
        words = [hotspot.text for hotspot in hotspots(content, counts, learners, filters)]
    is_shown = is_enough(counts.learners)
    payload = {name: getattr(counts, name) if is_shown else None for name in OF_GROUPS}
    for name in OF_ALL:
        payload[name] = getattr(counts, name) if is_shown and not counts.is_group else None
    return payload | {
        "content_id": content.pk,
        "kind": counts.kind,
        "buckets": len(counts.viewers),
        "learners": counts.learners,
        "finished": counts.finished if is_shown else None,
        "words": words,
        "as_of": as_of,
    }
