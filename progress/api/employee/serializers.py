"""The shapes of requests, which are checked. Those of answers are in `answers`."""

from rest_framework import serializers

from progress.api.answer_parts import AnswerPartField
from progress.catalogue.fields import WholeNumber
from progress.ingest.events import INTERACTION_TYPES, MAX_SEGMENTS

_SECONDS = {"min_value": 0, "max_value": 604_800, "required": False}


class StartSessionRequest(serializers.Serializer):
    course_id = WholeNumber(min_value=0, required=False, allow_null=True)
    course_code = serializers.CharField(
        max_length=100, required=False, allow_null=True, help_text="Instead of `course_id`."
    )
    user_id = WholeNumber(required=False, allow_null=True, help_text="Default: the caller.")
    external_id = serializers.CharField(
        max_length=120, required=False, allow_null=True, help_text="Instead of `user_id`."
    )
    username = serializers.CharField(
        max_length=150,
        required=False,
        allow_null=True,
        help_text="Instead of `user_id`; ignoring letter case and character width.",
    )
    module_id = WholeNumber(required=False, allow_null=True)
    content_id = WholeNumber(required=False, allow_null=True)
    device_id = serializers.CharField(
        max_length=64, required=False, allow_blank=True, allow_null=True
    )
    client_session_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The same again returns the same session."
    )

    def validate(self, attrs):
        """Leaves out nulls. Exactly one field names the course, at most one the learner."""
        given = {name: value for name, value in attrs.items() if value is not None}
        courses = [name for name in ("course_id", "course_code") if name in given]
        if not courses:
            raise serializers.ValidationError({"course_id": "This field is required."}, "required")
        learners = [name for name in ("user_id", "external_id", "username") if name in given]
        for names in (courses, learners):
            if len(names) > 1:
                raise serializers.ValidationError({names[1]: f"Either this or {names[0]}."})
        return given


class EventRequest(serializers.Serializer):
    """One event. Fields that don't apply to its content are ignored. If its segments, span or page
    count, an unreadable field beside them is ignored too, and the answer names it (`ignored`)."""

    content_id = serializers.IntegerField()
    interaction_type = serializers.ChoiceField(INTERACTION_TYPES)
    position = serializers.FloatField(**_SECONDS, help_text="Seconds; of a seek, its target.")
    from_position = serializers.FloatField(**_SECONDS)
    duration_seconds = serializers.FloatField(
        **_SECONDS, help_text="Active seconds since the last event."
    )
    idle_seconds = serializers.FloatField(**_SECONDS)
    segments = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=0, max_value=604_800),
            min_length=2,
            max_length=2,
        ),
        max_length=MAX_SEGMENTS,
        required=False,
        help_text="What was actually played: [[from, to], …] in seconds.",
    )
    playback_rate = serializers.FloatField(required=False, default=1, max_value=16)
    completion_percentage = serializers.FloatField(min_value=0, max_value=100, required=False)
    page = serializers.IntegerField(min_value=1, required=False)
    reading_position = serializers.FloatField(min_value=0, max_value=1, required=False)
    span = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=2,
        max_length=2,
        required=False,
        help_text="The visible stretch of a text, as fractions.",
    )
    question_id = serializers.IntegerField(required=False)
    answer = serializers.ListField(
        child=AnswerPartField(),
        required=False,
        help_text=(
            "Ids of choices, of an ordering question in their order; pairs of them (matching); or "
            "one number or text."
        ),
    )
    attempt = serializers.IntegerField(min_value=1, required=False)
    base_revision = serializers.IntegerField(min_value=0, required=False, default=0)
    distractions = serializers.IntegerField(min_value=0, required=False)
    is_active = serializers.BooleanField(required=False, default=True)
    event_id = serializers.UUIDField(required=False)
    sequence = serializers.IntegerField(min_value=0, required=False)
    occurred_at = serializers.DateTimeField(required=False)


class UpdateProgressRequest(EventRequest):
    """One flat event, or `events`, a batch of up to 200."""

    session_id = serializers.UUIDField(required=False, help_text="Not needed with a session token.")
    session_token = serializers.CharField(required=False, help_text="For beacons.")
    user_id = serializers.IntegerField(
        required=False, help_text="For service accounts: must be the session's learner."
    )
    sent_at = serializers.DateTimeField(
        required=False, help_text="The client's clock when sending."
    )
    events = EventRequest(many=True, required=False)
    content_id = serializers.IntegerField(required=False)
    interaction_type = serializers.ChoiceField(INTERACTION_TYPES, required=False)


class EndSessionRequest(serializers.Serializer):
    session_id = serializers.UUIDField(required=False, help_text="Not needed with a session token.")
    session_token = serializers.CharField(required=False, help_text="For beacons.")
    sent_at = serializers.DateTimeField(required=False)
    events = EventRequest(many=True, required=False)
