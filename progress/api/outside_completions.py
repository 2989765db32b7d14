"""Completions that were not earned here: recorded with who says so, and withdrawn with a reason."""

from functools import partial

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.response import Response

from progress.api import outside_rows
from progress.api.bulk import BulkResultSerializer, bulk_response, writes_by_name
from progress.api.filtering import KnownParameters, MomentFilter, VisibleIdFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import MayHaveRows, ModelPermissions
from progress.ingest import outside_completions
from progress.ingest.outside_completions import Recorder
from progress.models import OutsideCompletion
from progress.security import keys, rights
from progress.security.rights import VIEW_OUTSIDE
from progress.validation.unknown_fields import RefusesUnknownFields


class AlreadyWithdrawn(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "already_withdrawn"
    default_detail = "It was withdrawn before, and stays so."


class OutsideCompletionSerializer(serializers.ModelSerializer):
    score = outside_rows.ScoreField(source="score_bp", allow_null=True, help_text="Percent.")
    is_valid = serializers.SerializerMethodField(
        help_text="Whether it fulfils what is required now: in force, and not past its last day."
    )
    recorded_by = serializers.SerializerMethodField(
        help_text="The name of the person or account; empty: a command on the server."
    )
    recorded_key = serializers.CharField(
        help_text="The name and beginning of the API key that recorded it, if one did."
    )
    withdrawn_by = serializers.SerializerMethodField(help_text="As `recorded_by`.")

    class Meta:
        model = OutsideCompletion
        fields = [
            "id",
            "user_id",
            "course_id",
            "completed_on",
            "valid_until",
            "is_valid",
            "basis",
            "authority",
            "details",
            "reference",
            "score",
            "recorded_at",
            "recorded_by",
            "recorded_key",
            "withdrawn_at",
            "withdrawn_by",
            "withdrawn_key",
            "withdrawal_reason",
        ]

    def get_is_valid(self, completion: OutsideCompletion) -> bool:
        return completion.is_valid_at(timezone.now())

    def get_recorded_by(self, completion: OutsideCompletion) -> str:
        return completion.recorded_by.get_full_name() if completion.recorded_by else ""

    def get_withdrawn_by(self, completion: OutsideCompletion) -> str:
        return completion.withdrawn_by.get_full_name() if completion.withdrawn_by else ""


class WithdrawalSerializer(RefusesUnknownFields, serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class OutsideCompletionFilter(django_filters.FilterSet):
    user_id = VisibleIdFilter(visible=rights.visible_people, permission=VIEW_OUTSIDE)
    course_id = VisibleIdFilter(visible=rights.known_courses, permission=VIEW_OUTSIDE)
    basis = django_filters.ChoiceFilter(choices=OutsideCompletion.Basis.choices)
    in_force = django_filters.BooleanFilter("withdrawn_at", lookup_expr="isnull")
    recorded_after = MomentFilter("recorded_at", "gt")
    recorded_before = MomentFilter("recorded_at", "lt")

    class Meta:
        model = OutsideCompletion
        fields: list[str] = []


class MayHaveCompletions(MayHaveRows):
    """Also for people without an enrolment who have a completion recorded."""

    def has_permission(self, request, view):
        found = super().has_permission(request, view)
        return found or request.user.outside_completions.exists()


class MayWithdraw(ModelPermissions):
    perms_map = ModelPermissions.perms_map | {
        "POST": ["%(app_label)s.change_%(model_name)s"],
    }


class OutsideCompletionViewSet(
    KnownParameters, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet
):
    """Courses completed elsewhere: in a previous system, in person, by an outside certificate.

    A record fulfils what is required from its day until its validity ends. It changes no
    percentage, time or average, and no certificate is issued for it.
    """

    serializer_class = OutsideCompletionSerializer
    permission_classes = [ModelPermissions, MayHaveCompletions]
    list_permissions = (VIEW_OUTSIDE,)
    edit_permissions = ("progress.add_outsidecompletion",)
    bulk_permissions = ("progress.add_outsidecompletion",)
    filterset_class = OutsideCompletionFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("progress_outsidecompletion",), sees_all=lambda user: user.sees_all(VIEW_OUTSIDE)
    )
    ordering_fields = ["id", "user_id", "course_id", "completed_on", "valid_until", "recorded_at"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = OutsideCompletion.objects.none()

    def get_queryset(self):
        rows = OutsideCompletion.objects.visible_to(self.request.user)
        return rows.select_related("recorded_by", "withdrawn_by")

    @extend_schema(
        request=outside_rows.OutsideRowSerializer,
        responses={
            201: OutsideCompletionSerializer,
            200: OpenApiResponse(OutsideCompletionSerializer, "Recorded before, with these facts."),
        },
    )
    def create(self, request):
        """Record a completion of a learner and a course that the caller may enrol.

        Nobody records their own. The same facts again find the record that is there.
        """
        row = request.data
        named = [row] if isinstance(row, dict) else []
        rows = outside_rows.OutsideRows(named, request.user, key=keys.name_of(request.auth))
        completion, is_new = rows.record(row)
        return Response(
            self.get_serializer(completion).data,
            status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )

    @extend_schema(
        request=outside_rows.OutsideBulkSerializer,
        responses={200: BulkResultSerializer},
        filters=False,
    )
    @writes_by_name
    def bulk(self, request):
        """Record up to 1,000 completions; each row has its own result."""
        return bulk_response(
            request, partial(outside_rows.OutsideRows, key=keys.name_of(request.auth))
        )

    @extend_schema(
        request=WithdrawalSerializer,
        responses={
            200: OutsideCompletionSerializer,
            409: OpenApiResponse(description="It was withdrawn before."),
        },
    )
    @action(detail=True, methods=["post"], permission_classes=[MayWithdraw])
    def withdraw(self, request, pk=None):
        """Withdraw a record, with the reason. It stays in the list, and fulfils nothing more."""
        completion = self.get_object()
        allowed = rights.withdrawable_outside_completions(request.user)
        if not allowed.filter(pk=completion.pk).exists():
            raise PermissionDenied
        serializer = WithdrawalSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            outside_completions.withdraw(
                completion,
                Recorder(request.user, keys.name_of(request.auth)),
                reason=serializer.validated_data["reason"],
                now=timezone.now(),
            )
        except outside_completions.AlreadyWithdrawn:
            raise AlreadyWithdrawn from None
        return Response(self.get_serializer(completion).data)
