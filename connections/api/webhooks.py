"""Webhook endpoints, and the log of what was sent to them."""

from datetime import timedelta
from functools import partial

import django_filters
from django.conf import settings
from django.core.exceptions import ValidationError as InvalidValue
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response

from connections import event_types
from connections.models import Attempt, Delivery, Endpoint
from connections.tasks import send_webhooks
from connections.webhooks import addresses, endpoints
from progress.api.filtering import STRICT, KnownParameters
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.models.marks import makes_tests
from progress.operations import broker
from progress.validation.unknown_fields import RefusesUnknownFields, refuse_unknown_fields

from .permissions import EndpointPermissions

NAMES = [event_types.ALL, *event_types.TYPES]


class EndpointDisabled(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This endpoint is disabled. Enable it first."
    default_code = "endpoint_disabled"


class EventNames(serializers.ListField):
    """Types of events; `"*"` alone stands for all of them, also those to come."""

    child = serializers.ChoiceField(NAMES)

    def __init__(self, **kwargs):
        super().__init__(min_length=1, max_length=len(NAMES), **kwargs)

    def to_internal_value(self, data):
        names = super().to_internal_value([data] if data == event_types.ALL else data)
        unique = list(dict.fromkeys(names))
        return [event_types.ALL] if event_types.ALL in unique else unique


_READ_ONLY = (
    "owner_id",
    "is_test",
    "created_at",
    "disabled_at",
    "disabled_reason",
    "last_success_at",
    "failing_since",
)


class EndpointSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    url = serializers.CharField(max_length=2000, help_text="An https address on the internet.")
    events = EventNames()
    enabled = serializers.BooleanField(source="is_enabled", required=False)

    class Meta:
        model = Endpoint
        fields = [
            "id",
            "url",
            "description",
            "events",
            "payload",
            "enabled",
            *_READ_ONLY,
        ]
        read_only_fields = _READ_ONLY

    def validate_url(self, value):
        try:
            addresses.check_url(value)
        except InvalidValue as wrong:
            raise ValidationError(
                [ErrorDetail(str(m), wrong.code) for m in wrong.messages]
            ) from None
        return value


class EndpointWithSecretSerializer(EndpointSerializer):
    secret = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]


class ReplaySerializer(RefusesUnknownFields, serializers.Serializer):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, help_text="Default: now.")

    def validate(self, values):
        values.setdefault("until", timezone.now())
        if values["until"] <= values["since"]:
            raise ValidationError({"until": "This must be later than `since`."})
        kept = timezone.now() - timedelta(days=settings.WEBHOOK_KEPT_DAYS)
        if values["since"] < kept:
            days = settings.WEBHOOK_KEPT_DAYS
            raise ValidationError({"since": f"Events are kept for {days} days."})
        return values


class ReplayedSerializer(serializers.Serializer):
    events = serializers.IntegerField(help_text="How many events are sent again.")


class DeliveryTrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = ["number", "started_at", "duration_ms", "status", "answer", "error"]


class DeliverySerializer(serializers.ModelSerializer):
    event_id = serializers.CharField(source="event.public_id", help_text="The `webhook-id`.")
    type = serializers.CharField(source="event.type")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "event_id",
            "type",
            "state",
            "attempts",
            "created_at",
            "next_at",
            "settled_at",
            "last_status",
            "last_error",
        ]


class DeliveryDetailSerializer(DeliverySerializer):
    tries = DeliveryTrySerializer(many=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "body", "tries"]


class EndpointViewSet(KnownParameters, viewsets.ModelViewSet):
    """Your webhook endpoints: where events about learners that you may see are sent.

    Superusers see those of others, too.
    """

    queryset = Endpoint.objects.none()
    serializer_class = EndpointSerializer
    permission_classes = [EndpointPermissions]
    filter_backends = STRICT
    pagination_class = FollowedPages
    followed = Followed(("connections_endpoint",), sees_all=lambda user: user.is_superuser)
    ordering_fields = ["id", "created_at"]
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self):
        return Endpoint.objects.visible_to(self.request.user)

    @extend_schema(responses={201: EndpointWithSecretSerializer})
    def create(self, request, *args, **kwargs):
        """Create an endpoint. The answer has its secret, which is never shown again."""
        values = self._checked(self.get_serializer(data=request.data))
        enabled = values.pop("is_enabled", True)
        try:
            values["is_test"] = makes_tests(request.user)
            endpoint, secret = endpoints.create(request.user, values, timezone.now())
        except endpoints.TooManyEndpoints:
            limit = settings.WEBHOOK_MAX_ENDPOINTS
            detail = ErrorDetail(f"You have {limit} already.", "too_many_endpoints")
            raise ValidationError({"non_field_errors": [detail]}) from None
        if not enabled:
            endpoints.disable(endpoint.pk, "", timezone.now())
            endpoint.refresh_from_db()
        return self._with_secret(endpoint, secret, status.HTTP_201_CREATED)

    def partial_update(self, request, *args, **kwargs):
        """Change an endpoint. `enabled: true` also clears its failures."""
        endpoint = self.get_object()
        serializer = self.get_serializer(endpoint, data=request.data, partial=True)
        values = self._checked(serializer)
        enabled = values.pop("is_enabled", None)
        endpoints.change(endpoint, values)
        if enabled is False:
            endpoints.disable(endpoint.pk, "", timezone.now())
        elif enabled:
            endpoints.enable(endpoint.pk)
        endpoint.refresh_from_db()
        return Response(self.get_serializer(endpoint).data)

    def perform_destroy(self, instance):
        endpoints.delete(instance)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def ping(self, request, pk):
        """Send a test event. Its delivery shows what was answered."""
        refuse_unknown_fields(request)
        delivery = endpoints.ping(self._enabled(), timezone.now())
        return _accepted(DeliverySerializer(delivery).data)

    @extend_schema(request=ReplaySerializer, responses={202: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request, pk):
        """Send the events of a period again, also those that were never sent, under their ids."""
        endpoint = self._enabled()
        period = self._checked(ReplaySerializer(data=request.data))
        try:
            count = endpoints.replay(endpoint, period["since"], period["until"], timezone.now())
        except endpoints.TooManyEvents:
            detail = f"More than {endpoints.MAX_REPLAYED} events. Choose a shorter period."
            raise ValidationError({"since": ErrorDetail(detail, "too_many_events")}) from None
        return _accepted({"events": count})

    @extend_schema(request=None, responses={200: EndpointWithSecretSerializer})
    @action(detail=True, methods=["post"])
    def rotate(self, request, pk):
        """Get a new secret. Until the old one ends, deliveries carry the signatures of both."""
        refuse_unknown_fields(request)
        endpoint, secret = endpoints.rotate(self.get_object().pk, timezone.now())
        return self._with_secret(endpoint, secret, status.HTTP_200_OK)

    def _checked(self, serializer) -> dict:
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _enabled(self) -> Endpoint:
        endpoint = self.get_object()
        if not endpoint.is_enabled:
            raise EndpointDisabled
        return endpoint

    def _with_secret(self, endpoint: Endpoint, secret: str, code: int) -> Response:
        serializer = EndpointSerializer(endpoint, context=self.get_serializer_context())
        return Response({**serializer.data, "secret": secret}, code)


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Delivery.State.choices)
    type = django_filters.ChoiceFilter(
        "event__type", choices=[(name, name) for name in (*event_types.TYPES, event_types.PING)]
    )

    class Meta:
        model = Delivery
        fields: list[str] = []


OF_ENDPOINT = OpenApiParameter("endpoint_id", int, OpenApiParameter.PATH)


@extend_schema(parameters=[OF_ENDPOINT])
class DeliveryViewSet(
    KnownParameters,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """What was sent to an endpoint, newest first: the body, each try, and what was answered."""

    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    permission_classes = [EndpointPermissions]
    filter_backends = STRICT
    filterset_class = DeliveryFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        visible = Endpoint.objects.visible_to(self.request.user)
        endpoint = get_object_or_404(visible, pk=self.kwargs["endpoint_id"])
        return endpoint.deliveries.select_related("event").order_by("-pk")

    @extend_schema(responses=DeliveryDetailSerializer)
    def retrieve(self, request, *args, **kwargs):
        """One delivery with its body and every try."""
        return Response(DeliveryDetailSerializer(self.get_object()).data)

    @extend_schema(
        request=None,
        responses={
            202: DeliverySerializer,
            409: OpenApiResponse(description="The endpoint is disabled (`endpoint_disabled`)."),
        },
    )
    @action(detail=True, methods=["post"])
    def resend(self, request, endpoint_id, pk):
        """Send the event again, under the same id."""
        refuse_unknown_fields(request)
        delivery = self.get_object()
        if not delivery.endpoint.is_enabled:
            raise EndpointDisabled
        endpoints.send_again(Delivery.objects.filter(pk=delivery.pk), timezone.now())
        endpoints.try_now(delivery.endpoint)
        return _accepted(DeliverySerializer(self.get_object()).data)


def _accepted(payload: dict) -> Response:
    """202; a worker is asked to send at once, and otherwise the schedule does."""
    transaction.on_commit(partial(broker.enqueue, send_webhooks), robust=True)
    return Response(payload, status.HTTP_202_ACCEPTED)
