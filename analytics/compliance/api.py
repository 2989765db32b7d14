"""The compliance API: the state of each requirement. The report `obligations` has each person's."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query.api_request import FILTER_PARAMETERS, filters_of
from analytics.query.scope import seen_by
from analytics.reporting.report import ReportQuery
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica

from . import page, queries, reports


class RequirementStandingSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="requirement.pk")
    name = serializers.CharField(source="requirement.name")
    course_id = serializers.IntegerField(source="requirement.course_id")
    departments = serializers.ListField(
        source="requirement.departments",
        child=serializers.CharField(),
        help_text="None: everybody.",
    )
    people = serializers.IntegerField()
    complete = serializers.IntegerField()
    complete_outside = serializers.IntegerField(help_text="Of these, by a completion elsewhere.")
    complete_percent = serializers.IntegerField(help_text="Of those who aren't exempt.")
    due_soon = serializers.IntegerField()
    overdue = serializers.IntegerField()
    expired = serializers.IntegerField()
    exempt = serializers.IntegerField()


class ExpirySerializer(serializers.Serializer):
    month = serializers.DateField(help_text="Its first day.")
    course = serializers.CharField()
    people = serializers.IntegerField()
    hours = serializers.FloatField(allow_null=True)


class ComplianceSerializer(serializers.Serializer):
    as_of = serializers.DateTimeField()
    requirements = RequirementStandingSerializer(many=True)
    expiries = ExpirySerializer(many=True)


class ComplianceView(OwnZone, views.APIView):
    """How each requirement stands, and which certificates end within a year."""

    @extend_schema(parameters=FILTER_PARAMETERS[:2], responses=ComplianceSerializer)
    def get(self, request):
        courses, now = seen_by(request.user), timezone.now()
        query = ReportQuery(
            request.user, filters_of(request, courses, allowed=reports.CONCERNED), now
        )
        with on_replica():
            found = queries.requirements(query.filters.courses)
            filters = query.filters
            all_ = queries.obligations(found, query.now, filters.department, filters.courses)
            summary = page.summarize(found, all_)
            payload = {
                "as_of": query.now,
                "requirements": summary.rows,
                "expiries": reports.expiries(query),
            }
        return Response(ComplianceSerializer(payload).data)
