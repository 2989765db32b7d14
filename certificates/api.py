"""The API of certificates: lists and files for those who may see them, verification for all."""

import django_filters
from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates import payloads, verification
from certificates.badges import open_badge
from certificates.evidence import packet_archive
from certificates.models import Certificate, CertificateStatus, Rendition
from certificates.throttling import VerifyThrottle
from progress.api.filtering import KnownParameters, MomentFilter, VisibleIdFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import MayHaveRows
from progress.security import rights

SEES_CERTIFICATES = "certificates.view_certificate"


class CertificateSerializer(serializers.ModelSerializer):
    status = serializers.ChoiceField(CertificateStatus.choices, read_only=True)
    replaces = serializers.SlugRelatedField("number", read_only=True, allow_null=True)
    verify_url = serializers.SerializerMethodField()
    time_spent_seconds = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = [
            "number",
            "status",
            "user_id",
            "course_id",
            "enrollment_id",
            "learner_name",
            "course_title",
            "time_spent_seconds",
            "score",
            "completed_at",
            "issued_at",
            "expires_at",
            "replaces",
            "verify_url",
        ]

    def get_verify_url(self, certificate: Certificate) -> str:
        return payloads.verify_url(certificate)

    def get_time_spent_seconds(self, certificate: Certificate) -> float:
        return certificate.time_ms / 1000

    def get_score(self, certificate: Certificate) -> float | None:
        return None if certificate.score_bp is None else certificate.score_bp / 100


class CertificateFilter(django_filters.FilterSet):
    user_id = VisibleIdFilter(visible=rights.visible_people, permission=SEES_CERTIFICATES)
    course_id = VisibleIdFilter(visible=rights.known_courses, permission=SEES_CERTIFICATES)
    issued_after = MomentFilter("issued_at", "gte")
    issued_before = MomentFilter("issued_at", "lt")
    expires_after = MomentFilter("expires_at", "gte")
    expires_before = MomentFilter("expires_at", "lt")
    status = django_filters.ChoiceFilter("status", choices=CertificateStatus.choices)

    class Meta:
        model = Certificate
        fields: list[str] = []


class CertificateViewSet(KnownParameters, viewsets.ReadOnlyModelViewSet):
    """Own certificates; of own courses for instructors; all with the permission."""

    queryset = Certificate.objects.none()
    serializer_class = CertificateSerializer
    permission_classes = [IsAuthenticated, MayHaveRows]
    list_permissions = (SEES_CERTIFICATES,)
    filterset_class = CertificateFilter
    pagination_class = FollowedPages
    followed = Followed(
        (
            "certificates_certificate",
            "certificates_rendition",
            "certificates_revocation",
            "certificates_review",
        ),
        sees_all=lambda user: user.sees_all(SEES_CERTIFICATES),
    )
    ordering_fields = ["issued_at", "expires_at", "number"]
    lookup_field = "number"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        visible = Certificate.objects.visible_to(self.request.user)
        return visible.with_status().select_related("replaces")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, url_name="pdf")
    def pdf(self, request, number: str):
        """The newest file; 404 while it is being prepared."""
        made = newest_file(self.get_object())
        response = HttpResponse(bytes(made.pdf), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="certificate-{number}.pdf"'
        response["Cache-Control"] = "private, no-cache"
        response["ETag"] = f'"{made.sha256}"'
        return response

    @extend_schema(responses={(200, open_badge.MEDIA_TYPE): OpenApiTypes.OBJECT})
    @action(detail=True, url_name="badge")
    def badge(self, request, number: str):
        """The certificate as an Open Badge 3.0; 404 while it is being prepared, or without one."""
        made = self.get_object().renditions.exclude(badge=None).only("badge").first()
        if made is None:
            raise NotFound("There is no badge of this certificate.")
        response = HttpResponse(bytes(made.badge), content_type=open_badge.MEDIA_TYPE)
        response["Content-Disposition"] = f'attachment; filename="badge-{number}.json"'
        response["Cache-Control"] = "private, no-cache"
        return response

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, url_name="evidence")
    def evidence(self, request, number: str):
        """The evidence packet, a ZIP that is checked offline; 404 while it is being sealed."""
        try:
            file = packet_archive.archive(self.get_object())
        except packet_archive.NotSealed:
            raise NotFound("The certificate's evidence is being sealed.") from None
        response = FileResponse(file, as_attachment=True, filename=f"evidence-{number}.zip")
        response["Cache-Control"] = "private, no-cache"
        return response


def newest_file(certificate: Certificate) -> Rendition:
    made = certificate.renditions.first()
    if made is None:
        raise NotFound("The certificate's file is being prepared.")
    return made


class VerdictSerializer(serializers.Serializer):
    status = serializers.ChoiceField([*CertificateStatus.values, verification.UNKNOWN])
    number = serializers.CharField(required=False)
    learner_name = serializers.CharField(required=False)
    course_title = serializers.CharField(required=False)
    completed_at = serializers.DateTimeField(required=False)
    issued_at = serializers.DateTimeField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    evidence_sha256 = serializers.CharField(required=False)
    revoked_at = serializers.DateTimeField(required=False)
    revoked_reason = serializers.CharField(required=False)


class VerifyView(KnownParameters, APIView):
    """Whether a certificate is genuine. For anybody, rate-limited.

    By code everything that the certificate says; by number, which can be counted through, only its
    `status`: `unknown`, or the status of a genuine one.
    """

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [VerifyThrottle]
    parameters = frozenset({"q"})

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True, description="Code or number.")],
        responses=VerdictSerializer,
    )
    def get(self, request):
        verdict = verification.verify(request.query_params.get("q", ""))
        return Response(verdict_payload(verdict))


def verdict_payload(verdict: verification.Verdict) -> dict:
    found = verdict.certificate
    if found is None:
        return {"status": verdict.status}
    payload = {
        "status": verdict.status,
        "number": found.number,
        "learner_name": found.learner_name,
        "course_title": found.course_title,
        "completed_at": found.completed_at,
        "issued_at": found.issued_at,
        "expires_at": found.expires_at,
    }
    if sha256 := verification.evidence_sha256(found):
        payload["evidence_sha256"] = sha256
    if verdict.status == CertificateStatus.REVOKED:
        payload["revoked_at"] = found.revocation.revoked_at
        payload["revoked_reason"] = found.revocation.reason
    return payload
