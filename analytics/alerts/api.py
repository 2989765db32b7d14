"""The API of alerts: lists and actions, with the same rights as in the admin."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.models import Alert, AlertStep
from analytics.query.permissions import LooksAtLearners
from progress.api.filtering import STRICT, MomentFilter, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.models import User
from progress.validation.storable import MAX_ID
from progress.validation.unknown_fields import RefusesUnknownFields, refuse_unknown_fields

from . import actions, texts


class AlertStepSerializer(serializers.ModelSerializer):
    by_id = serializers.IntegerField(allow_null=True, help_text="None: a job did.")
    to_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = AlertStep
        fields = ["at", "by_id", "what", "until", "to_id"]


class AlertSerializer(serializers.ModelSerializer):
    why = serializers.SerializerMethodField(help_text="The cause in the reader's language.")
    steps = AlertStepSerializer(many=True)

    class Meta:
        model = Alert
        fields = [
            "id",
            "enrollment_id",
            "user_id",
            "course_id",
            "kind",
            "state",
            "why",
            "facts",
            "since",
            "opened_at",
            "snoozed_until",
            "assigned_to_id",
            "closed_at",
            "closing",
            "steps",
        ]

    def get_why(self, alert: Alert) -> str:
        return texts.why(alert)


class AlertFilter(django_filters.FilterSet):
    course_id = WholeNumberFilter()
    user_id = WholeNumberFilter()
    assigned_to_id = WholeNumberFilter()
    is_assigned = django_filters.BooleanFilter("assigned_to", "isnull", exclude=True)
    is_closed = django_filters.BooleanFilter("closed_at", "isnull", exclude=True)
    opened_after = MomentFilter("opened_at", "gte")

    class Meta:
        model = Alert
        fields = ["kind", "state"]


class SnoozeSerializer(RefusesUnknownFields, serializers.Serializer):
    until = serializers.DateTimeField()


class AssignSerializer(RefusesUnknownFields, serializers.Serializer):
    user_id = serializers.IntegerField(allow_null=True, min_value=1, max_value=MAX_ID)


RESPONSES = {200: AlertSerializer, 404: OpenApiResponse(description="No such alert.")}


class AlertViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Learners who need help, and why. Instructors see those of their courses.

    Instructors of the course and managers of the learner may act, and users who may change alerts
    of all courses.
    """

    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    permission_classes = [IsAuthenticated, LooksAtLearners]
    sees_all_with = "progress.view_courseprogress"
    filter_backends = STRICT
    filterset_class = AlertFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("analytics_alert",), sees_all=lambda user: user.sees_all("progress.view_courseprogress")
    )
    ordering_fields = ["opened_at", "since", "id"]
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        alerts = Alert.objects.visible_to(self.request.user)
        return alerts.prefetch_related("steps")

    @extend_schema(request=None, responses=RESPONSES)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk):
        """Acknowledge the alert: a person is taking care of it."""
        refuse_unknown_fields(request)
        actions.acknowledge(self._handled(), by=request.user, now=timezone.now())
        return self._response()

    @extend_schema(request=SnoozeSerializer, responses=RESPONSES)
    @action(detail=True, methods=["post"])
    def snooze(self, request, pk):
        """Snooze the alert until a future moment, at most a year ahead; then it reopens."""
        until = _checked(SnoozeSerializer, request)["until"]
        try:
            actions.snooze(self._handled(), until, by=request.user, now=timezone.now())
        except actions.BadMoment:
            message = "A moment in the future, at most a year ahead."
            raise ValidationError({"until": message}) from None
        return self._response()

    @extend_schema(request=AssignSerializer, responses=RESPONSES)
    @action(detail=True, methods=["post"])
    def assign(self, request, pk):
        """Assign the alert to staff who may see the course's learners, to a manager of the learner,
        or to nobody (null)."""
        user_id = _checked(AssignSerializer, request)["user_id"]
        to = User.objects.filter(pk=user_id).first()
        try:
            if user_id is not None and to is None:
                raise actions.MayNotSee
            actions.assign(self._handled(), to, by=request.user, now=timezone.now())
        except actions.MayNotSee:
            message = "This must be staff who may see the course's learners, or their manager."
            raise ValidationError({"user_id": message}) from None
        return self._response()

    @extend_schema(request=None, responses=RESPONSES)
    @action(detail=True, methods=["post"])
    def close(self, request, pk):
        """Close it by hand; it may open again after its cool-down, if the cause is still there."""
        refuse_unknown_fields(request)
        actions.close(self._handled(), by=request.user, now=timezone.now())
        return self._response()

    def _handled(self):
        """Returns the alert to act on. Raises NotFound, or PermissionDenied if it is read-only."""
        alert = self.get_object()
        handled = Alert.objects.handled_by(self.request.user).filter(pk=alert.pk)
        if not handled.exists():
            raise PermissionDenied
        return handled

    def _response(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


def _checked(serializer, request) -> dict:
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    return checked.validated_data
