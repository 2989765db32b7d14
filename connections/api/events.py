"""What happened, to be polled: the same events that webhooks deliver, in the same order."""

from typing import ClassVar
from urllib.parse import urlencode
from uuid import UUID

import django_filters
from django import forms
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from connections import event_types
from connections.models import Event
from progress.api.filtering import KnownParameters, MomentFilter, VisibleIdFilter
from progress.api.pagination import Pages
from progress.security import rights

from .permissions import MayFollowLearners

PREFIX = "evt_"
SEES = "progress.view_courseprogress"


def parse_event_id(text: str) -> UUID | None:
    """The key behind `evt_…`; None for anything else."""
    digits = text.removeprefix(PREFIX)
    if not text.startswith(PREFIX) or len(digits) != 32 or not digits.isalnum():
        return None
    try:
        return UUID(digits)
    except ValueError:
        return None


class EventSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id", help_text="The `webhook-id` of its deliveries.")
    timestamp = serializers.DateTimeField(source="recorded_at")
    data = serializers.DictField()

    class Meta:
        model = Event
        fields = ["id", "type", "timestamp", "data"]


@extend_schema_field({"type": "string", "pattern": "^evt_[0-9a-f]{32}$"})
class AfterFilter(django_filters.CharFilter):
    """The events that came after the one with this id."""

    def filter(self, qs, value):
        if not value:
            return qs
        uid = parse_event_id(value)
        position = Event.objects.filter(uid=uid).values_list("position", flat=True).first()
        if uid is None or position is None:
            raise ValidationError({"after": "There is no event with this id (any more)."})
        return qs.filter(position__gt=position)


class TypesWidget(forms.SelectMultiple):
    """An empty `type=` filters by nothing, as with every other filter."""

    def value_from_datadict(self, data, files, name):
        return [each for each in super().value_from_datadict(data, files, name) or () if each]


class EventFilter(django_filters.FilterSet):
    type = django_filters.MultipleChoiceFilter(
        choices=[(name, name) for name in event_types.TYPES], widget=TypesWidget
    )
    user_id = VisibleIdFilter(visible=rights.people_in_reach, permission=SEES)
    course_id = VisibleIdFilter(visible=rights.known_courses, permission=SEES)
    since = MomentFilter("recorded_at", "gte", help_text="Those that became known since then.")
    until = MomentFilter("recorded_at", "lte")
    after = AfterFilter(help_text="The id of the last event that you have.")

    class Meta:
        model = Event
        fields: list[str] = []


class EventPages(BasePagination):
    """`page_size` rows in order; `next` continues after the last of them, also tomorrow."""

    parameters: ClassVar = Pages()

    def paginate_queryset(self, queryset, request, view=None):
        self._request = request
        self._size = self.parameters.get_page_size(request)
        if request.query_params.get("page"):
            raise ValidationError({"page": "Use `next`, or `after` with the last id."})
        rows = list(queryset[: self._size + 1])
        self._has_more = len(rows) > self._size
        self._rows = rows[: self._size]
        return self._rows

    def get_paginated_response(self, data):
        return Response({"next": self._next(), "results": data})

    def _next(self) -> str | None:
        if not self._has_more:
            return None
        asked = {name: self._request.query_params.getlist(name) for name in self._request.GET}
        query = urlencode(asked | {"after": [self._rows[-1].public_id]}, doseq=True)
        return self._request.build_absolute_uri(f"{self._request.path}?{query}")

    def get_schema_operation_parameters(self, view):
        described = self.parameters.get_schema_operation_parameters(view)
        return [each for each in described if each["name"] == "page_size"]

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri"},
                "results": schema,
            },
        }


class EventViewSet(KnownParameters, mixins.ListModelMixin, viewsets.GenericViewSet):
    """What happened to learners, oldest first: for polling, and to catch up.

    Only rows that the caller may see. Kept for `WEBHOOK_KEPT_DAYS`.
    """

    queryset = Event.objects.none()
    serializer_class = EventSerializer
    permission_classes = [IsAuthenticated, MayFollowLearners]
    filterset_class = EventFilter
    pagination_class = EventPages

    def get_queryset(self):
        return Event.objects.published().visible_to(self.request.user)

    @extend_schema(operation_id="events_list")
    def list(self, request, *args, **kwargs):
        """List events in the order in which they became known; ask again with `after`."""
        return super().list(request, *args, **kwargs)
