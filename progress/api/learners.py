"""People: all see themselves, instructors also the learners of their courses."""

import django_filters
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from progress.api import learner_rows
from progress.api.bulk import (
    CREATED,
    BulkResultSerializer,
    MayWriteSome,
    bulk_response,
    writes_by_name,
)
from progress.api.filtering import KnownParameters, WholeNumberFilter
from progress.api.following import Followed
from progress.api.learner_serializer import LearnerSerializer
from progress.api.pagination import FollowedPages
from progress.api.permissions import ModelPermissions
from progress.ingest import deactivating
from progress.models import User
from progress.models.marks import makes_tests
from progress.security import rights
from progress.validation.unknown_fields import refuse_unknown_fields
from progress.validation.usernames import normalized, normalized_address


class LearnerFilter(django_filters.FilterSet):
    username = django_filters.CharFilter(
        method="called", help_text="Ignoring letter case and character width."
    )

    email = django_filters.CharFilter(
        method="at_address", help_text="Ignoring letter case and character width."
    )

    manager_id = WholeNumberFilter(help_text="Who report to this person directly.")

    def at_address(self, people, name, value):
        return people.filter(email__iexact=normalized_address(value))

    def called(self, people, name, value):
        return people.filter(Q(username_key=normalized(value)) | Q(username=value))

    class Meta:
        model = User
        fields = [
            "full_name",
            "department",
            "language",
            "time_zone",
            "external_id",
            "is_active",
            "is_test",
        ]


class LearnerViewSet(
    KnownParameters,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """The people that the caller may see; `id` is the `user_id` everywhere else."""

    serializer_class = LearnerSerializer
    permission_classes = [ModelPermissions]
    filterset_class = LearnerFilter
    pagination_class = FollowedPages
    followed = Followed(("progress_user",), sees_all=rights.sees_all_people)
    bulk_permissions = ("progress.add_user", "progress.change_user")
    ordering_fields = ["id", "username", "email", "full_name", "department", "external_id"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = User.objects.none()

    def get_queryset(self):
        return rights.visible_people(self.request.user).order_by("pk")

    def perform_create(self, serializer):
        serializer.save(is_test=makes_tests(self.request.user))

    def update(self, request, *args, **kwargs):
        """Change a person. Only superusers may change one who has more rights than the caller."""
        _refuse_powerful(self.get_object(), request.user)
        return super().update(request, *args, **kwargs)

    @extend_schema(
        request=learner_rows.LearnerUpsertSerializer,
        responses={
            201: LearnerSerializer,
            200: OpenApiResponse(LearnerSerializer, "There was one, who is now as sent."),
        },
        filters=False,
    )
    @writes_by_name
    def upsert(self, request):
        """Create a learner, or change the one with this `external_id`, or else `username`."""
        result, person = learner_rows.upsert(request.data, request.user)
        code = status.HTTP_201_CREATED if result.status == CREATED else status.HTTP_200_OK
        return Response(self.get_serializer(person).data, code)

    @extend_schema(
        request=learner_rows.LearnerBulkSerializer,
        responses={200: BulkResultSerializer},
        filters=False,
    )
    @writes_by_name
    def bulk(self, request):
        """Upsert, deactivate or reactivate up to 1,000 learners; each row has its own result."""
        return bulk_response(request, learner_rows.People)

    @extend_schema(request=None, responses=LearnerSerializer)
    @action(detail=True, methods=["post"], permission_classes=[MayWriteSome])
    def deactivate(self, request, pk):
        """Close the account. Its keys, sign-ins, learning sessions and streams end at once.

        Progress, enrolments and certificates stay. Keys are deleted, and don't come back.
        """
        person = self._changeable(request)
        if person.pk == request.user.pk:
            raise ValidationError("This is your own account.", "own_account")
        deactivating.deactivate([person.pk], now=timezone.now())
        person.refresh_from_db()
        return Response(self.get_serializer(person).data)

    @extend_schema(request=None, responses=LearnerSerializer)
    @action(detail=True, methods=["post"], permission_classes=[MayWriteSome])
    def reactivate(self, request, pk):
        """Let the person sign in and learn again."""
        person = self._changeable(request)
        deactivating.reactivate([person.pk])
        person.refresh_from_db()
        return Response(self.get_serializer(person).data)

    def _changeable(self, request) -> User:
        """The person in the URL. Raises PermissionDenied."""
        refuse_unknown_fields(request)
        person = self.get_object()
        if not request.user.has_perm("progress.change_user"):
            raise PermissionDenied
        _refuse_powerful(person, request.user)
        return person


def _refuse_powerful(person: User, by: User) -> None:
    if rights.exceeds(person, by):
        raise PermissionDenied(learner_rows.MORE_RIGHTS)
