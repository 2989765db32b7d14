"""The API of letters, letter templates, alert thresholds and the caller's digest."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, views, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.models import Alert, AlertThresholds, DigestChoice, Outreach, OutreachTemplate
from analytics.models.alerts import MIN_ABOVE_MAX
from analytics.models.outreach import check_placeholders
from analytics.query.api_request import refuse_unknown
from analytics.query.permissions import LooksAtLearners
from progress.api.filtering import MAX_ID, STRICT, MomentFilter, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import EditorPermissions
from progress.security.rights import sees_everything
from progress.validation.unknown_fields import RefusesUnknownFields

from . import letters
from .forms import MAX_LETTERS


# --- Letters -------------------------------------------------------------------------------------
class LetterSerializer(serializers.ModelSerializer):
    """`error` says why it can't be sent, for good."""

    alert_id = serializers.IntegerField()
    user_id = serializers.IntegerField(source="alert.user_id")
    course_id = serializers.IntegerField(source="alert.course_id")
    written_by_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Outreach
        fields = (
            "id",
            "alert_id",
            "user_id",
            "course_id",
            "subject",
            "body",
            "written_by_id",
            "written_at",
            "sent_at",
            "error",
        )


class LetterFilter(django_filters.FilterSet):
    alert_id = WholeNumberFilter()
    user_id = WholeNumberFilter("alert__user")
    course_id = WholeNumberFilter("alert__course")
    is_sent = django_filters.BooleanFilter("sent_at", "isnull", exclude=True)
    written_after = MomentFilter("written_at", "gte")

    class Meta:
        model = Outreach
        fields: list[str] = []


class WriteSerializer(RefusesUnknownFields, serializers.Serializer):
    """What is written about which alerts; each learner of a course is written to once."""

    alert_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        min_length=1,
        max_length=MAX_LETTERS,
    )
    subject = serializers.CharField(max_length=200, validators=[check_placeholders])
    body = serializers.CharField(max_length=5000, validators=[check_placeholders])


class WrittenSerializer(serializers.Serializer):
    letters = serializers.IntegerField(help_text="On their way.")
    without_address = serializers.IntegerField()
    on_its_way = serializers.IntegerField(help_text="Already have a letter waiting.")


class LetterViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Letters to learners about alerts of own courses, or of all by permission."""

    serializer_class = LetterSerializer
    permission_classes = [IsAuthenticated, LooksAtLearners]
    sees_all_with = "progress.view_courseprogress"
    filter_backends = STRICT
    filterset_class = LetterFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("analytics_outreach",), sees_all=lambda user: user.sees_all("progress.view_courseprogress")
    )
    ordering_fields = ["written_at", "id"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Outreach.objects.none()

    def get_queryset(self):
        alerts = Alert.objects.visible_to(self.request.user)
        return Outreach.objects.filter(alert__in=alerts).select_related("alert")

    @extend_schema(request=WriteSerializer, responses={201: WrittenSerializer})
    def create(self, request):
        """Write about alerts that stand; `{name}`, `{course}` and the like are filled in.

        An alert that isn't there or isn't one's own is named; then nothing is written.
        """
        serializer = WriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        ids = set(serializer.validated_data["alert_ids"])
        seen = Alert.objects.visible_to(request.user).filter(pk__in=ids)
        missing = ids - set(seen.values_list("pk", flat=True))
        if missing:
            names = ", ".join(map(str, sorted(missing)))
            raise ValidationError({"alert_ids": f"There is no alert {names}."})
        alerts = Alert.objects.handled_by(request.user).filter(pk__in=ids)
        if alerts.count() < len(ids):
            raise PermissionDenied
        written = letters.write(
            alerts,
            serializer.validated_data["subject"],
            serializer.validated_data["body"],
            by=request.user,
            now=timezone.now(),
        )
        return Response(WrittenSerializer(written).data, status.HTTP_201_CREATED)


# --- What letters begin with, and when alerts open -----------------------------------------------
class LetterTemplateSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    class Meta:
        model = OutreachTemplate
        fields = ("id", "name", "kind", "subject", "body")


class LetterTemplateViewSet(viewsets.ModelViewSet):
    """Letters to begin with, for alerts of a kind or of any."""

    serializer_class = LetterTemplateSerializer
    filter_backends = STRICT
    permission_classes = [EditorPermissions]
    filterset_fields = ["kind"]
    pagination_class = FollowedPages
    followed = Followed(("analytics_outreachtemplate",), sees_all=lambda user: True)
    ordering_fields = ["name", "id"]
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head", "options", "post", "patch", "delete"]
    queryset = OutreachTemplate.objects.all()


class ThresholdsSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    """When alerts open, for the whole organisation."""

    class Meta:
        model = AlertThresholds
        exclude = ("id",)

    def validate(self, attrs: dict) -> dict:
        minimum = attrs.get("inactive_min_days", self.instance.inactive_min_days)
        maximum = attrs.get("inactive_max_days", self.instance.inactive_max_days)
        if minimum > maximum:
            raise serializers.ValidationError({"inactive_min_days": MIN_ABOVE_MAX})
        return attrs


class ThresholdsView(views.APIView):
    """One row: it is changed, never made."""

    permission_classes = [EditorPermissions]
    queryset = AlertThresholds.objects.all()  # whose permissions are asked for

    @extend_schema(responses=ThresholdsSerializer)
    def get(self, request):
        refuse_unknown(request)
        return Response(ThresholdsSerializer(self._row(request)).data)

    @extend_schema(request=ThresholdsSerializer(partial=True), responses=ThresholdsSerializer)
    def patch(self, request):
        serializer = ThresholdsSerializer(self._row(request), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def _row(self, request) -> AlertThresholds:
        """The thresholds belong to no course: only users who see everything may read them."""
        if not sees_everything(request.user):
            raise PermissionDenied
        return AlertThresholds.current()


# --- One's own digest ----------------------------------------------------------------------------
class DigestSerializer(RefusesUnknownFields, serializers.Serializer):
    """How often one is mailed what alerts are new."""

    rhythm = serializers.ChoiceField(choices=DigestChoice.Rhythm.choices)


class DigestView(views.APIView):
    """How often the caller gets a digest: weekly, unless chosen otherwise.

    For users who may see learners.
    """

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=DigestSerializer)
    def get(self, request):
        self._check(request)
        refuse_unknown(request)
        chosen = DigestChoice.objects.filter(user=request.user).first()
        return Response({"rhythm": chosen.rhythm if chosen else DigestChoice.Rhythm.WEEKLY})

    @extend_schema(
        request=DigestSerializer,
        responses={200: DigestSerializer, 403: OpenApiResponse(description="Sees no learners.")},
    )
    def put(self, request):
        self._check(request)
        serializer = DigestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        DigestChoice.objects.update_or_create(user=request.user, defaults=serializer.validated_data)
        return Response(serializer.validated_data)

    def _check(self, request) -> None:
        if not request.user.has_perm("progress.view_courseprogress"):
            raise PermissionDenied
