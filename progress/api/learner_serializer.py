"""A person as the API shows and takes one."""

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from rest_framework import serializers

from progress.api import learner_managers
from progress.models import User
from progress.models.people import TAKEN
from progress.validation.storable import MAX_ID
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
    """Its context has the `request`, or `by`, the user who acts."""

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
    manager_id = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_ID,
        help_text="The person's manager: this person sees what they learn.",
    )
    manager_username = serializers.CharField(
        write_only=True, required=False, max_length=150, help_text="In place of `manager_id`."
    )
    manager_external_id = serializers.CharField(
        write_only=True, required=False, max_length=120, help_text="In place of `manager_id`."
    )

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "full_name",
            "department",
            "language",
            "time_zone",
            "external_id",
            "is_active",
            "manager_id",
            "manager_username",
            "manager_external_id",
            "is_test",
            "password",
        ]
        read_only_fields = ["is_active", "is_test"]

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

    def validate(self, attrs):
        by = self.context["by"] if "by" in self.context else self.context["request"].user
        return learner_managers.with_manager_id(attrs, by, self.instance)

    def create(self, validated_data):
        learner_managers.check_new(validated_data.get("is_test", False), validated_data)
        return User.objects.create_user(**validated_data)

    @transaction.atomic
    def update(self, user, validated_data):
        learner_managers.check(user, validated_data)
        password = validated_data.pop("password", None)
        if password is not None:
            user.set_password(password)
        return super().update(user, validated_data)
