"""The shapes of requests, which are checked, and of answers, for the API's description.

`progress.state.payloads` and `progress.ingest` build the answers as dicts: updates are too frequent
for a serializer. A test compares the dicts with the serializers here.
"""

from rest_framework import serializers

from progress.catalogue.fields import WholeNumber
from progress.ingest.events import INTERACTION_TYPES, MAX_SEGMENTS
from progress.models import Waiver

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
    answer = serializers.ListField(child=serializers.IntegerField(), required=False)
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


# --- Answers -------------------------------------------------------------------------------------
class ResumeAnswer(serializers.Serializer):
    content_id = serializers.IntegerField()
    position = serializers.FloatField()
    updated_at = serializers.DateTimeField()


class CertificateAnswer(serializers.Serializer):
    number = serializers.CharField()
    verify_url = serializers.CharField()
    pdf_url = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(
        ["pending", "issued", "under_review", "revoked", "expired", "superseded"]
    )


class QuizStateAnswer(serializers.Serializer):
    """How much of a quiz is answered, and, separately, whether it is passed."""

    answered = serializers.IntegerField(
        help_text="Questions answered, in the attempt that answered the most."
    )
    question_count = serializers.IntegerField()
    pass_percentage = serializers.FloatField(allow_null=True)
    best_score = serializers.FloatField(allow_null=True, help_text="Null before a submission.")
    passed = serializers.BooleanField(help_text="Without a pass mark: submitted.")


class ContentStateAnswer(serializers.Serializer):
    content_id = serializers.IntegerField()
    completion_percentage = serializers.FloatField()
    is_complete = serializers.BooleanField()
    is_waived = serializers.BooleanField(
        help_text="Not complete, and need not be: it still counts in the percentages."
    )
    time_spent_seconds = serializers.FloatField()
    last_position = serializers.FloatField(allow_null=True)
    quiz = QuizStateAnswer(required=False, help_text="Of quizzes only.")


class TouchedContentAnswer(ContentStateAnswer):
    module_id = serializers.IntegerField()


class ContentEntryAnswer(ContentStateAnswer):
    title = serializers.CharField()
    content_type = serializers.CharField()
    required = serializers.BooleanField()


class ModuleStateAnswer(serializers.Serializer):
    module_id = serializers.IntegerField()
    completion_percentage = serializers.FloatField()
    is_complete = serializers.BooleanField()


class ModuleAnswer(ModuleStateAnswer):
    title = serializers.CharField()
    is_applicable = serializers.BooleanField()
    time_spent_seconds = serializers.FloatField()
    contents = ContentEntryAnswer(many=True)


class RemainingAnswer(serializers.Serializer):
    content_id = serializers.IntegerField()
    module_id = serializers.IntegerField()
    title = serializers.CharField()
    reason = serializers.ChoiceField(
        ["not_started", "in_progress", "quiz_not_passed", "locked", "not_released"]
    )
    completion_percentage = serializers.FloatField()
    needed_percentage = serializers.FloatField()
    missing = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    or_instead = serializers.ListField(
        child=serializers.IntegerField(), help_text="Contents of which any one is enough instead."
    )
    best_score = serializers.FloatField(required=False)
    quiz = QuizStateAnswer(required=False, help_text="Of quizzes only.")


class WaiverAnswer(serializers.Serializer):
    content_id = serializers.IntegerField()
    title = serializers.CharField()
    reason = serializers.ChoiceField(Waiver.Reason.choices)
    because_content_id = serializers.IntegerField(
        help_text="The pre-test that was passed, or the alternative that was completed."
    )
    because_title = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="In the pre-test, percent.")
    granted_at = serializers.DateTimeField(
        allow_null=True, help_text="Null until the course was refolded after its author's change."
    )


class AdditionAnswer(serializers.Serializer):
    content_id = serializers.IntegerField()
    module_id = serializers.IntegerField()
    title = serializers.CharField()


class CourseProgressAnswer(serializers.Serializer):
    user_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    enrollment_id = serializers.IntegerField()
    cycle = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    completion_percentage = serializers.FloatField()
    is_complete = serializers.BooleanField()
    completed_at = serializers.DateTimeField(allow_null=True)
    time_spent_seconds = serializers.FloatField()
    time_spent_minutes = serializers.FloatField()
    current_module_id = serializers.IntegerField(allow_null=True)
    session_start_time = serializers.DateTimeField(allow_null=True)
    total_sessions = serializers.IntegerField()
    avg_session_duration = serializers.FloatField(help_text="Minutes, over ended sessions.")
    resume = ResumeAnswer(allow_null=True)
    modules = ModuleAnswer(many=True)
    remaining = RemainingAnswer(many=True)
    new_since_completion = AdditionAnswer(many=True)
    waivers = WaiverAnswer(many=True)
    stream_url = serializers.CharField()
    certificate = CertificateAnswer(allow_null=True)


class StartSessionAnswer(serializers.Serializer):
    session_id = serializers.UUIDField()
    session_token = serializers.CharField()
    user_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    module_id = serializers.IntegerField(allow_null=True)
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
    heartbeat_seconds = serializers.IntegerField()
    idle_timeout_seconds = serializers.IntegerField()
    resume = ResumeAnswer(allow_null=True)
    stream_url = serializers.CharField()
    course = CourseProgressAnswer()


class EventErrorAnswer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField()


class EventAnswer(serializers.Serializer):
    event_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(["accepted", "duplicate", "conflict", "rejected"])
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    errors = EventErrorAnswer(many=True, required=False)
    credited_seconds = serializers.FloatField(help_text="Active time.")
    covered_seconds = serializers.FloatField(help_text="New coverage.")
    withheld_seconds = serializers.FloatField(help_text="Coverage held back.")
    withheld_active_seconds = serializers.FloatField(help_text="Active time held back.")
    ignored = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Fields that couldn't be read, although the event itself counted.",
    )
    withheld_reason = serializers.ChoiceField(
        ["rate", "clock", "event_limit", "observed"], required=False
    )
    revision = serializers.IntegerField(required=False)
    stored = serializers.ListField(child=serializers.IntegerField(), required=False)
    attempt = serializers.IntegerField(required=False)
    score = serializers.FloatField(required=False)
    passed = serializers.BooleanField(required=False)


class CourseStateAnswer(serializers.Serializer):
    course_id = serializers.IntegerField()
    completion_percentage = serializers.FloatField()
    is_complete = serializers.BooleanField()
    time_spent_seconds = serializers.FloatField()
    event_count = serializers.IntegerField(
        help_text="Events delivered so far. The higher of two is the newer answer or push."
    )


class UpdateProgressAnswer(serializers.Serializer):
    session_id = serializers.UUIDField()
    server_time = serializers.DateTimeField()
    events = EventAnswer(many=True)
    contents = TouchedContentAnswer(many=True)
    modules = ModuleStateAnswer(many=True)
    course = CourseStateAnswer()
    certificate = CertificateAnswer(allow_null=True)


class EndSessionAnswer(serializers.Serializer):
    session_id = serializers.UUIDField()
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    end_reason = serializers.ChoiceField(["ended", "expired"])
    duration_seconds = serializers.FloatField()
    active_seconds = serializers.FloatField()
    idle_seconds = serializers.FloatField()
    distractions = serializers.IntegerField()
    pages_viewed = serializers.IntegerField()
    videos_watched = serializers.IntegerField()
    quizzes_attempted = serializers.IntegerField()
    events = EventAnswer(many=True, required=False)


class QuestionAnswer(serializers.Serializer):
    question_id = serializers.IntegerField()
    revision = serializers.IntegerField()
    answer = serializers.ListField(child=serializers.IntegerField())
    time_seconds = serializers.FloatField()
    is_correct = serializers.BooleanField(required=False, help_text="After submission.")
    correct = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        help_text="After a pass, or after the last attempt.",
    )


class AttemptAnswer(serializers.Serializer):
    attempt = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)
    time_seconds = serializers.FloatField()
    answers = QuestionAnswer(many=True)


class QuizProgressAnswer(QuizStateAnswer):
    max_attempts = serializers.IntegerField(allow_null=True)
    attempts = AttemptAnswer(many=True)


class ContentProgressAnswer(serializers.Serializer):
    user_id = serializers.IntegerField()
    content_id = serializers.IntegerField()
    content_type = serializers.CharField()
    completion_source = serializers.ChoiceField(["measured", "reported"])
    completion_percentage = serializers.FloatField()
    is_complete = serializers.BooleanField()
    completed_at = serializers.DateTimeField(allow_null=True)
    is_waived = serializers.BooleanField()
    waiver = WaiverAnswer(allow_null=True)
    time_spent_seconds = serializers.FloatField()
    last_position = serializers.FloatField(allow_null=True)
    view_count = serializers.IntegerField()
    play_count = serializers.IntegerField()
    pause_count = serializers.IntegerField()
    seek_count = serializers.IntegerField()
    download_count = serializers.IntegerField()
    replayed_seconds = serializers.FloatField()
    withheld_seconds = serializers.FloatField()
    covered = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    missing = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    extent = serializers.FloatField(allow_null=True)
    extent_unit = serializers.ChoiceField(
        ["seconds", "pages", "fraction", "questions"], allow_null=True
    )
    quiz = QuizProgressAnswer(allow_null=True)
