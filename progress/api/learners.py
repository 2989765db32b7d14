"""People: all see themselves, instructors also the learners of their courses."""

import django_filters
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import PermissionDenied

from progress.api.filtering import KnownParameters
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import ModelPermissions
from progress.models import User
from progress.models.people import TAKEN
from progress.security import rights
from progress.validation.unknown_fields import RefusesUnknownFields
from progress.validation.usernames import normalized, normalized_address


class Username(serializers.CharField):
    """Normalised as it comes in: `ＬＥＮＡ` is `lena`."""

    def to_internal_value(self, data):
        return normalized(super().to_internal_value(data))


class EmailAddress(serializers.EmailField):
    """Normalised as it comes in."""

    def to_internal_value(self, data):
        return normalized_address(super().to_internal_value(data))


class LearnerSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    username = Username(
        max_length=150,
        validators=[User.username_validator],
        help_text="Stored in lower case. Unique regardless of letter case and character width.",
    )
    email = EmailAddress(
        max_length=254, allow_blank=True, required=False, help_text="Its domain in lower case."
    )
    password = serializers.CharField(
        write_only=True,
        required=False,
        help_text="Without one, the person can't sign in with a password.",
    )
    external_id = serializers.CharField(
        max_length=120,
        required=False,
        allow_null=True,
        help_text="The person's id in your own system.",
    )

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "full_name",
            "department",
            "time_zone",
            "external_id",
            "password",
        ]

    def validate_username(self, value):
        if self.instance is not None and normalized(self.instance.username) == value:
            return self.instance.username
        if User.objects.taken(value):
            raise serializers.ValidationError(TAKEN, "unique")
        return value

    def validate_external_id(self, value):
        others = User.objects.filter(external_id=value).exclude(
            pk=self.instance and self.instance.pk
        )
        if value is not None and others.exists():
            raise serializers.ValidationError("This external_id is taken.", "unique")
        return value

    def validate_password(self, value):
        validate_password(value)
        return value

    def create(self, validated_data):
        return User.objects.create_user(**validated_data)

    def update(self, user, validated_data):
        password = validated_data.pop("password", None)
        if password is not None:
            user.set_password(password)
        return super().update(user, validated_data)


class LearnerFilter(django_filters.FilterSet):
    username = django_filters.CharFilter(
        method="called", help_text="Ignoring letter case and character width."
    )

    email = django_filters.CharFilter(
        method="at_address", help_text="Ignoring letter case and character width."
    )

    def at_address(self, people, name, value):
        return people.filter(email__iexact=normalized_address(value))

    def called(self, people, name, value):
        return people.filter(Q(username_key=normalized(value)) | Q(username=value))

    class Meta:
        model = User
        fields = ["full_name", "department", "time_zone", "external_id"]


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
    ordering_fields = ["id", "username", "email", "full_name", "department", "external_id"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = User.objects.none()

    def get_queryset(self):
        return rights.visible_people(self.request.user).order_by("pk")

    def update(self, request, *args, **kwargs):
        """Change a person. Only superusers may change one who has more rights than the caller."""
        if rights.exceeds(self.get_object(), request.user):
            raise PermissionDenied("This account has more rights than yours.")
        return super().update(request, *args, **kwargs)
