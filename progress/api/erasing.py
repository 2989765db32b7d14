"""`/api/test-data/`: how much test data there is, and one call that erases it."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from progress.api.filtering import KnownParameters
from progress.ingest import erasing
from progress.models import Erasure
from progress.models.marks import Reach, reach_of
from progress.validation.unknown_fields import refuse_unknown_fields


class MayErase(BasePermission):
    """Test keys, and people who are signed in; with the permission to erase."""

    message = "A test key erases test data, whose account may add erasings of test data."

    def has_permission(self, request, view):
        may_erase = request.user.has_perm("progress.add_erasure")
        return may_erase and reach_of(request.user) is not Reach.REAL


class ErasureSerializer(serializers.ModelSerializer):
    state = serializers.SerializerMethodField()

    class Meta:
        model = Erasure
        fields = ["id", "state", "requested_at", "finished_at", "learners", "courses", "rows"]

    def get_state(self, erasure: Erasure) -> str:
        return "under_way" if erasure.finished_at is None else "finished"


class TestDataSerializer(serializers.Serializer):
    """Test learners and test courses that there are now, and the last time they were erased."""

    learners = serializers.IntegerField()
    courses = serializers.IntegerField()
    last_erasure = ErasureSerializer(allow_null=True)


class TestData(KnownParameters, APIView):
    permission_classes = [MayErase]

    @extend_schema(operation_id="test_data", responses=TestDataSerializer)
    def get(self, request):
        """How many test learners and test courses there are, and how the last erasing went."""
        return Response(
            TestDataSerializer(
                {
                    "learners": erasing.learners_of().count(),
                    "courses": erasing.courses_of().count(),
                    "last_erasure": Erasure.objects.first(),
                }
            ).data
        )

    @extend_schema(
        operation_id="test_data_erase",
        responses={
            200: OpenApiResponse(ErasureSerializer, "Everything was erased."),
            202: OpenApiResponse(ErasureSerializer, "A job erases it; GET says how far it is."),
        },
    )
    def delete(self, request):
        """Erase all test learners and test courses, with everything about them, for good.

        Asking again while it is under way returns the same erasing. Files of evidence that were
        written before stay.
        """
        refuse_unknown_fields(request)
        now = timezone.now()
        erasure = erasing.request_all(request.user, now)
        is_done = erasing.begin(erasure, now)
        code = status.HTTP_200_OK if is_done else status.HTTP_202_ACCEPTED
        return Response(ErasureSerializer(erasure).data, code)
