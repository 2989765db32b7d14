"""The API of requirements, exemptions and escalations, with the same rights as in the admin."""

from copy import copy
from typing import Any

import django_filters
from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import mixins, serializers, viewsets

from analytics.models import Escalation, EscalationStep, Exemption, Requirement
from analytics.query.scope import NoCourses
from progress.api.filtering import STRICT, MomentFilter, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import EditorPermissions
from progress.models import Course, Enrollment, User
from progress.security.rights import sees_everything, taught_by
from progress.validation.unknown_fields import RefusesUnknownFields

from . import due_dates
from .enrolling import REFUSAL, fixed_fields


def _within(rows: QuerySet, user, course: str) -> QuerySet:
    """Keeps rows of courses that `user` teaches, or all; `course` is the lookup of the course."""
    return rows if sees_everything(user) else rows.filter(**{f"{course}__in": taught_by(user)})


class EditorOfOwnCourses(EditorPermissions):
    """For rows of courses: who may see those of no course gets 403, not an empty list."""

    def has_permission(self, request, view):
        if not super().has_permission(request, view):
            return False
        if sees_everything(request.user) or request.user.courses_taught.exists():
            return True
        raise NoCourses


class OwnRowField(serializers.PrimaryKeyRelatedField):
    """The id of a row that the caller may use; others are reported as missing."""

    def __init__(self, rows: QuerySet, course: str, **kwargs):
        self.rows, self.course = rows, course
        super().__init__(queryset=rows, **kwargs)

    def get_queryset(self):
        return _within(self.rows.all(), self.context["request"].user, self.course)


class PersonField(serializers.PrimaryKeyRelatedField):
    """A learner of the caller's courses; anybody if the caller sees everything."""

    def get_queryset(self):
        user = self.context["request"].user
        if sees_everything(user):
            return User.objects.all()
        learners = Enrollment.objects.filter(course__in=taught_by(user))
        return User.objects.filter(pk__in=learners.values("user"))


class ModelCleanSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    """Validates with the model's own `clean`, as the admin does."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in attrs.items() if key != "steps"}
        before = {}
        if self.instance is not None:
            names = [field.name for field in self.Meta.model._meta.concrete_fields]
            before = {name: getattr(self.instance, name) for name in names}
        row = self.Meta.model(**(before | kept))
        try:
            row.clean()
        except ModelError as error:
            raise serializers.ValidationError(error.message_dict) from None
        return attrs


# --- Requirements --------------------------------------------------------------------------------
class EscalationStepSerializer(ModelCleanSerializer):
    tolerated = frozenset({"id"})  # in a response that is sent back; steps are matched by content

    class Meta:
        model = EscalationStep
        fields = ("id", "days", "to", "address")


class RequirementSerializer(ModelCleanSerializer):
    """`departments` empty: everybody. Due on a day, or so many days after joining, or never."""

    course_id = OwnRowField(Course.objects.active().filter(is_test=False), "pk", source="course")
    steps = EscalationStepSerializer(
        many=True, required=False, help_text="Replaces the previous ones."
    )

    class Meta:
        model = Requirement
        fields = (
            "id",
            "name",
            "course_id",
            "departments",
            "starts_on",
            "due_on",
            "due_days",
            "enrols",
            "is_active",
            "steps",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        before = self.instance or Requirement()
        fixed = fixed_fields(self.context["request"].user, self.instance)
        refused = {
            "course_id" if name == "course" else name: REFUSAL
            for name in fixed
            if name in attrs and attrs[name] != getattr(before, name)
        }
        if refused:
            raise serializers.ValidationError(refused)
        return super().validate(attrs)

    @transaction.atomic
    def create(self, validated_data):
        steps = validated_data.pop("steps", [])
        requirement = Requirement.objects.create(**validated_data)
        self._replace_steps(requirement, steps)
        return requirement

    @transaction.atomic
    def update(self, instance, validated_data):
        steps = validated_data.pop("steps", None)
        before = copy(instance)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        due_dates.requirement_changed(before, instance, timezone.now())
        if steps is not None:
            self._replace_steps(instance, steps)
        return instance

    def _replace_steps(self, requirement: Requirement, steps: list[dict]) -> None:
        """Replaces the steps. Equal ones stay, with the mail that was sent because of them."""
        wanted = {
            (step["days"], step.get("to", "learner"), step.get("address", "")) for step in steps
        }
        if len(wanted) < len(steps):
            raise serializers.ValidationError({"steps": "The same step is listed twice."})
        existing = {(step.days, step.to, step.address): step for step in requirement.steps.all()}
        gone = [step.pk for key, step in existing.items() if key not in wanted]
        if Escalation.objects.filter(step__in=gone).exists():
            message = (
                "A step that has been taken can't be removed: someone was notified because of it."
            )
            raise serializers.ValidationError({"steps": message})
        EscalationStep.objects.filter(pk__in=gone).delete()
        EscalationStep.objects.bulk_create(
            EscalationStep(requirement=requirement, days=days, to=to, address=address)
            for days, to, address in sorted(wanted - existing.keys())
        )


class RequirementFilter(django_filters.FilterSet):
    course_id = WholeNumberFilter()
    department = django_filters.CharFilter(
        method="of_department",
        help_text="Those that apply to its people, including those for everybody.",
    )

    class Meta:
        model = Requirement
        fields = ["is_active"]

    def of_department(self, rows, name, value):
        return rows.filter(Q(departments=[]) | Q(departments__contains=[value]))


class RequirementViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Courses that must be completed, by which people, by when, and the reminders if they aren't.

    The report `obligations` and `compliance` have people's states. Requirements aren't deleted:
    they are deactivated (`is_active`).
    """

    serializer_class = RequirementSerializer
    filter_backends = STRICT
    permission_classes = [EditorOfOwnCourses]
    filterset_class = RequirementFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("analytics_requirement", "analytics_escalationstep"), sees_all=sees_everything
    )
    ordering_fields = ["name", "due_on", "id"]
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head", "options", "post", "patch"]
    queryset = Requirement.objects.none()

    def get_queryset(self):
        rows = Requirement.objects.prefetch_related("steps")
        return _within(rows, self.request.user, "course")


# --- Exemptions ----------------------------------------------------------------------------------
class ExemptionSerializer(ModelCleanSerializer):
    """Who needn't, why, and until when (inclusive; null: for good)."""

    requirement_id = OwnRowField(Requirement.objects.all(), "course", source="requirement")
    user_id = PersonField(source="user", queryset=User.objects.all())
    granted_by_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Exemption
        fields = ("id", "requirement_id", "user_id", "reason", "since", "until", "granted_by_id")

    def get_fields(self):
        fields = super().get_fields()
        if self.instance is not None and not isinstance(self.instance, (list, QuerySet)):
            # A granted exemption is history; only its end may change.
            for name in ("requirement_id", "user_id", "reason", "since"):
                fields[name].read_only = True
        return fields


class ExemptionFilter(django_filters.FilterSet):
    requirement_id = WholeNumberFilter()
    user_id = WholeNumberFilter()
    holds_on = django_filters.DateFilter(method="on_day", help_text="Those in effect on this day.")

    class Meta:
        model = Exemption
        fields: list[str] = []

    def on_day(self, rows, name, value):
        return rows.filter(Q(until=None) | Q(until__gte=value), since__lte=value)


class ExemptionViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Who is exempt from a requirement. They stay when they are over: PATCH says until when."""

    serializer_class = ExemptionSerializer
    filter_backends = STRICT
    permission_classes = [EditorOfOwnCourses]
    filterset_class = ExemptionFilter
    pagination_class = FollowedPages
    followed = Followed(("analytics_exemption",), sees_all=sees_everything)
    ordering_fields = ["since", "until", "id"]
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head", "options", "post", "patch"]
    queryset = Exemption.objects.none()

    def get_queryset(self):
        return _within(Exemption.objects.all(), self.request.user, "requirement__course")

    def perform_create(self, serializer):
        serializer.save(granted_by=self.request.user)


# --- Escalations ---------------------------------------------------------------------------------
class EscalationSerializer(serializers.ModelSerializer):
    """A step that was taken about a person: planned, then sent, or why it couldn't be."""

    requirement_id = serializers.IntegerField(source="step.requirement_id")
    days = serializers.IntegerField(source="step.days", help_text="After the due day.")
    to = serializers.ChoiceField(source="step.to", choices=EscalationStep.To.choices)

    class Meta:
        model = Escalation
        fields = (
            "id",
            "requirement_id",
            "user_id",
            "due_on",
            "days",
            "to",
            "planned_at",
            "sent_at",
            "error",
        )


class EscalationFilter(django_filters.FilterSet):
    requirement_id = WholeNumberFilter("step__requirement")
    user_id = WholeNumberFilter()
    is_sent = django_filters.BooleanFilter("sent_at", "isnull", exclude=True)
    planned_after = MomentFilter("planned_at", "gte")

    class Meta:
        model = Escalation
        fields: list[str] = []


class EscalationViewSet(viewsets.ReadOnlyModelViewSet):
    """The reminders that requirements caused, with their recipients and people."""

    serializer_class = EscalationSerializer
    filter_backends = STRICT
    permission_classes = [EditorOfOwnCourses]
    filterset_class = EscalationFilter
    pagination_class = FollowedPages
    followed = Followed(("analytics_escalation",), sees_all=sees_everything)
    ordering_fields = ["planned_at", "due_on", "id"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Escalation.objects.none()

    def get_queryset(self):
        rows = Escalation.objects.select_related("step")
        return _within(rows, self.request.user, "step__requirement__course")
