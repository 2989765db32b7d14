"""Hourly rates for the API. They belong to no course: only users who see everything have access."""

from rest_framework import serializers, viewsets
from rest_framework.exceptions import PermissionDenied

from analytics.models import HourlyRate
from progress.api.filtering import STRICT
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import EditorPermissions
from progress.security.rights import sees_everything
from progress.validation.unknown_fields import RefusesUnknownFields


class HourlyRateSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    """In the organisation's currency; without a department, it is for all that have no rate."""

    class Meta:
        model = HourlyRate
        fields = ("id", "department", "amount")


class RatePermissions(EditorPermissions):
    def has_permission(self, request, view):
        if not super().has_permission(request, view):
            return False
        if not sees_everything(request.user):
            raise PermissionDenied
        return True


class HourlyRateViewSet(viewsets.ModelViewSet):
    """What an hour of each department's people costs."""

    serializer_class = HourlyRateSerializer
    filter_backends = STRICT
    permission_classes = [RatePermissions]
    filterset_fields = ["department"]
    pagination_class = FollowedPages
    followed = Followed(("analytics_hourlyrate",), sees_all=lambda user: True)
    ordering_fields = ["department", "amount", "id"]
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head", "options", "post", "patch", "delete"]
    queryset = HourlyRate.objects.all()
