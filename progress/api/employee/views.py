"""The five endpoints of the brief: HTTP into one call, and back."""

from django.http import Http404, JsonResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from progress import ingest
from progress.api import errors
from progress.api.authentication import SessionBearer, SessionTokenAuthentication
from progress.api.described import serializer_of
from progress.api.filtering import KnownParameters
from progress.api.parsers import PlainTextJSONParser, TolerantJSONParser
from progress.state import course_reading, payloads
from progress.state.answers import ContentProgressAnswer, CourseProgressAnswer
from progress.state.course_rows import Wanted
from progress.validation.error_payload import error_payload

from . import access, answers, serializers
from .envelope import MAX_BODY_BYTES, Envelope, bearer_delivery, open_envelope
from .report import update_payload
from .responses import headers_of, is_known
from .throttle import SessionThrottle

SESSION_FIELDS = ("module_id", "content_id", "device_id", "client_session_id")


class EmployeeView(APIView):
    """Callers hold a session token, a service account's key, or a browser's cookie."""

    authentication_classes = [
        SessionTokenAuthentication,
        *api_settings.DEFAULT_AUTHENTICATION_CLASSES,
    ]
    parser_classes = [TolerantJSONParser, PlainTextJSONParser]
    max_body_bytes = MAX_BODY_BYTES
    throttle_classes: list = []  # what reports is limited by session

    def throttled_session(self, request):
        """The id of the session that is throttled; None for no throttling."""
        return None


class StartSession(EmployeeView):
    serializer_class = serializers.StartSessionRequest

    @extend_schema(
        operation_id="start_session",
        request=serializers.StartSessionRequest,
        responses={
            201: serializer_of(answers.StartSessionAnswer),
            200: OpenApiResponse(
                serializer_of(answers.StartSessionAnswer),
                "The existing session of this client_session_id.",
            ),
        },
    )
    def post(self, request):
        """Start a learning session, or return the one that has this `client_session_id`."""
        serializer = serializers.StartSessionRequest(data=request.data)
        serializer.is_valid(raise_exception=True)
        named = serializer.validated_data
        if isinstance(request.user, SessionBearer):
            raise Http404
        learner = access.find_learner(named, request.user.pk)
        course = access.find_course(named)
        if None in (learner, course) or not access.may_start_for(request.user, learner, course):
            raise Http404
        fields = {name: named[name] for name in SESSION_FIELDS if name in named}
        now = timezone.now()
        try:
            started = ingest.start(
                user_id=learner,
                course_id=course,
                now=now,
                of_tests=access.works_with_tests(request.user),
                **fields,
            )
        except ingest.LearnerNotEnrolled:
            raise errors.NotEnrolled from None
        except ingest.UnknownItem as unknown:
            raise _unknown_item_error(unknown.attr) from None
        return Response(
            answers.start_answer(started, now, reader_id=request.user.pk),
            status.HTTP_201_CREATED if started.is_new else status.HTTP_200_OK,
        )


def _unknown_item_error(attr: str) -> Exception:
    if attr == "course_id":
        return Http404()
    return ValidationError({attr: "This course has no such item."})


class ReportingView(EmployeeView):
    """Takes events for one session."""

    throttle_classes = [SessionThrottle]

    def throttled_session(self, request):
        if isinstance(request.user, SessionBearer):
            return request.user.claims.session_id
        session_id = request.data.get("session_id")
        return session_id if isinstance(session_id, str) and len(session_id) <= 36 else None

    def deliver(self, request, envelope: Envelope, *, ends_session: bool) -> ingest.Receipt:
        """Call ingest, and turn its exceptions into HTTP errors."""
        try:
            return ingest.deliver(self.delivery(request.user, envelope, ends_session))
        except ingest.SessionUnknown:
            raise Http404 from None
        except ingest.LearnerInactive:
            raise AuthenticationFailed("This account is not active.") from None
        except ingest.LearnerNotEnrolled:
            raise errors.NotEnrolled from None

    def delivery(self, user, envelope: Envelope, ends_session: bool) -> ingest.Delivery:
        """The delivery, to a session that `user` may report to. Raises SessionUnknown."""
        if isinstance(user, SessionBearer):
            return bearer_delivery(user.claims, envelope, ends_session=ends_session)
        sessions = access.reportable_sessions(user)
        if envelope.user_id is not None:
            sessions = sessions.filter(user_id=envelope.user_id)
        return ingest.delivery_to(
            sessions,
            envelope.session_id,
            envelope.events,
            sent_ms=envelope.sent_ms,
            now=timezone.now(),
            ends_session=ends_session,
        )


def _bearer_session(request):
    user = request.user
    return user.claims.session_id if isinstance(user, SessionBearer) else None


class UpdateProgress(ReportingView):
    serializer_class = serializers.UpdateProgressRequest

    @extend_schema(
        operation_id="update_progress",
        request=serializers.UpdateProgressRequest,
        responses={200: serializer_of(answers.UpdateProgressAnswer)},
    )
    def post(self, request):
        """Report one flat event, or a batch. The answer has the result of each event."""
        envelope = open_envelope(request.data, _bearer_session(request), flat_event=True)
        receipt = self.deliver(request, envelope, ends_session=False)
        return Response(update_payload(receipt, is_flat=envelope.is_flat))


class EndSession(ReportingView):
    serializer_class = serializers.EndSessionRequest

    @extend_schema(
        operation_id="end_session",
        request=serializers.EndSessionRequest,
        responses={200: serializer_of(answers.EndSessionAnswer)},
    )
    def post(self, request):
        """Record the last events, then end the session. A repeated call gives the same answer."""
        envelope = open_envelope(request.data, _bearer_session(request), flat_event=False)
        return Response(answers.end_answer(self.deliver(request, envelope, ends_session=True)))


class RealtimeProgress(KnownParameters, EmployeeView):
    @extend_schema(
        operation_id="realtime_progress",
        responses={
            200: serializer_of(CourseProgressAnswer),
            304: OpenApiResponse(description="Nothing changed since `If-None-Match`."),
        },
    )
    def get(self, request, user_id: int, course_id: int):
        """Where a learner is in a course, and why it isn't 100 % yet."""
        enrollment_id = (
            access.readable_enrollments(request.user)
            .filter(user_id=user_id, course_id=course_id)
            .values_list("pk", flat=True)
            .first()
        )
        if enrollment_id is None:
            raise Http404
        wanted = Wanted(int(user_id), int(course_id), enrollment_id)
        [reading] = course_reading.read([wanted], timezone.now())
        headers = headers_of(reading)
        if is_known(request.headers.get("If-None-Match", ""), headers["ETag"]):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        answer = answers.course_answer(reading, reader_id=request.user.pk)
        return Response(answer, headers=headers)


class ContentProgressDetail(KnownParameters, EmployeeView):
    @extend_schema(
        operation_id="content_progress",
        responses={200: serializer_of(ContentProgressAnswer)},
    )
    def get(self, request, user_id: int, content_id: int):
        """A learner's progress in one content, with what is covered and what is missing."""
        enrollment = (
            access.readable_enrollments(request.user)
            .filter(user_id=user_id, course__modules__contents=content_id)
            .first()
        )
        answer = enrollment and payloads.content_detail_payload(
            enrollment, int(content_id), timezone.now()
        )
        if not answer:
            raise Http404
        return Response(answer, headers={"Cache-Control": "no-store"})


class EventStreamRenderer(BaseRenderer):
    """Declares the media type of streams, so that a client may accept it."""

    media_type = "text/event-stream"
    format = "events"


class Stream(APIView):
    """Describes the stream's URL, and answers 503 in a process without streams (plain WSGI).

    Under ASGI, `lms_progress.asgi` serves this URL before Django sees the request.
    """

    detail = "No live stream is served here. Ask realtime_progress instead."
    authentication_classes = []
    permission_classes = []
    renderer_classes = [*api_settings.DEFAULT_RENDERER_CLASSES, EventStreamRenderer]

    @extend_schema(
        operation_id="stream",
        parameters=[
            OpenApiParameter("token", str, required=True, description="From `stream_url`."),
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER),
        ],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR,
                "`event: progress` carries `contents`, `modules`, `course` and `certificate` of an "
                "update_progress answer; `event: snapshot` all of them. `id:` grows.",
            ),
        },
    )
    def get(self, request, user_id, course_id):
        """Follow a learner's progress live, as server-sent events."""
        return JsonResponse(error_payload(503, "no_streams", self.detail), status=503)
