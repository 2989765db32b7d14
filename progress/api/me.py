"""`/api/me/`: the caller's own profile, and what people choose for themselves on *Your account*."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from progress.api.filtering import KnownParameters
from progress.mail import study_reminders
from progress.mail.password_links import can_be_mailed
from progress.models import StudyReminder, User
from progress.rules.reminding import DEFAULT_HOUR, EVERY_DAY, bit
from progress.validation.languages import LANGUAGE_TAG, MAX_TAG
from progress.validation.unknown_fields import RefusesUnknownFields

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class RemindersSerializer(RefusesUnknownFields, serializers.Serializer):
    """Mails that remind a learner to learn, at an hour of their own `time_zone`."""

    is_on = serializers.BooleanField(required=False)
    hour = serializers.IntegerField(required=False, min_value=0, max_value=23)
    weekdays = serializers.ListField(
        child=serializers.ChoiceField(choices=[(day, day) for day in WEEKDAYS]),
        required=False,
        min_length=1,
        max_length=len(WEEKDAYS),
    )

    def validate_is_on(self, value: bool) -> bool:
        if value and not (can_be_mailed() and self.parent.instance.email):
            raise serializers.ValidationError(
                _("There is no email address to write to, or this site sends no mail.")
            )
        return value

    def validate(self, attrs: dict) -> dict:
        if attrs.get("is_on") is None and not self._are_on():
            for name in ("hour", "weekdays"):
                if name in attrs:
                    raise serializers.ValidationError(
                        {name: _("Reminders are off: send is_on as well.")}
                    )
        return attrs

    def _are_on(self) -> bool:
        return StudyReminder.objects.filter(user=self.parent.instance).exists()

    def to_representation(self, stored: StudyReminder | None) -> dict:
        days = stored.weekdays if stored else EVERY_DAY
        return {
            "is_on": stored is not None,
            "hour": stored.hour if stored else DEFAULT_HOUR,
            "weekdays": [name for day, name in enumerate(WEEKDAYS) if days & bit(day)],
        }


class MeSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    # Not the model's: without an address it is empty.
    email = serializers.CharField(read_only=True)
    captions_language = serializers.RegexField(
        rf"^{LANGUAGE_TAG.pattern}$",
        required=False,
        allow_blank=True,
        max_length=MAX_TAG,
        error_messages={"invalid": _("This is not a language.")},
        help_text="Of captions and transcripts; empty for the language of the pages.",
    )
    reminders = RemindersSerializer(
        required=False, help_text="Fields that are left out stay as they are."
    )

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "full_name",
            "department",
            "external_id",
            "language",
            "time_zone",
            "weekly_goal_minutes",
            "captions_on",
            "captions_language",
            "autoplay_next",
            "reminders",
        ]
        # These come from whoever looks after the accounts.
        read_only_fields = ["id", "username", "email", "full_name", "department", "external_id"]

    def to_representation(self, user: User) -> dict:
        stored = StudyReminder.objects.filter(user=user).first()
        shown = super().to_representation(user)
        return shown | {"reminders": self.fields["reminders"].to_representation(stored)}

    @transaction.atomic
    def update(self, user: User, validated_data: dict) -> User:
        reminders = validated_data.pop("reminders", {})
        for name, value in validated_data.items():
            setattr(user, name, value)
        if validated_data:
            user.save(update_fields=[*validated_data])
        if reminders:
            self._remind(user, reminders)
        return user

    def _remind(self, user: User, sent: dict) -> None:
        stored = StudyReminder.objects.filter(user=user).first()
        if not sent.get("is_on", stored is not None):
            study_reminders.turn_off(user.pk)
            return
        days = sent.get("weekdays")
        study_reminders.choose(
            user,
            hour=sent.get("hour", stored.hour if stored else DEFAULT_HOUR),
            weekdays=(stored.weekdays if stored else EVERY_DAY)
            if days is None
            else sum(bit(WEEKDAYS.index(day)) for day in set(days)),
            now=timezone.now(),
        )


class Me(KnownParameters, APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request):
        """Your own profile: who you are here, and what you chose on *Your account*."""
        return Response(self._serializer(request).data, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="me_change", request=MeSerializer, responses=MeSerializer)
    def patch(self, request):
        """Change what you choose yourself. Names and addresses come from who looks after them."""
        serializer = self._serializer(request, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, headers={"Cache-Control": "no-store"})

    def _serializer(self, request, **given) -> MeSerializer:
        # The fields that a key limits are attributes of the request's user; the row is read anew.
        user = User.objects.get(pk=request.user.pk)
        return MeSerializer(user, context={"request": request}, **given)
