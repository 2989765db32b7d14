from django.urls import path
from rest_framework.routers import SimpleRouter

from analytics.alerts.api import AlertViewSet
from analytics.alerts.letters_api import (
    DigestView,
    LetterTemplateViewSet,
    LetterViewSet,
    ThresholdsView,
)
from analytics.compliance.api import ComplianceView
from analytics.compliance.requirements_api import (
    EscalationViewSet,
    ExemptionViewSet,
    RequirementViewSet,
)
from analytics.engagement.api import EngagementView, HeatmapView, ImprovementsView, PatternsView
from analytics.forecast.api import ForecastViewSet
from analytics.paths.api import PathViewSet
from analytics.recommending.api import LearnerSkillViewSet, RecommendationViewSet
from analytics.risk.api import RiskModelView, RiskViewSet
from analytics.roi.api import ReturnView
from analytics.roi.rates import HourlyRateViewSet
from analytics.site.report_api import ReportViewSet, SavedReportViewSet

from .course_api import ContentInsightView, CourseInsightView
from .curve_api import CurveView
from .learner_api import LearnerInsightView
from .overview_api import ActiveView, OverviewView

router = SimpleRouter()
router.register("analytics/alerts", AlertViewSet, "alert")
router.register("analytics/escalations", EscalationViewSet, "escalation")
router.register("analytics/exemptions", ExemptionViewSet, "exemption")
router.register("analytics/forecasts", ForecastViewSet, "forecast")
router.register("analytics/hourly-rates", HourlyRateViewSet, "hourly-rate")
router.register("analytics/letter-templates", LetterTemplateViewSet, "letter-template")
router.register("analytics/letters", LetterViewSet, "letter")
router.register("analytics/paths", PathViewSet, "path")
router.register("analytics/requirements", RequirementViewSet, "requirement")
router.register("analytics/risk", RiskViewSet, "risk")
router.register("analytics/recommendations", RecommendationViewSet, "recommendation")
router.register("analytics/reports", ReportViewSet, "report")
router.register("analytics/saved-reports", SavedReportViewSet, "saved-report")
router.register("analytics/skills", LearnerSkillViewSet, "learner-skill")

urlpatterns = [
    path("analytics/alert-digest/", DigestView.as_view(), name="alert-digest"),
    path("analytics/alert-thresholds/", ThresholdsView.as_view(), name="alert-thresholds"),
    path("analytics/active/", ActiveView.as_view(), name="active"),
    path("analytics/compliance/", ComplianceView.as_view(), name="compliance"),
    path(
        "analytics/contents/<int:content_id>/",
        ContentInsightView.as_view(),
        name="content-insight",
    ),
    path("analytics/contents/<int:content_id>/curve/", CurveView.as_view(), name="curve"),
    path(
        "analytics/courses/<int:course_id>/",
        CourseInsightView.as_view(),
        name="course-insight",
    ),
    path(
        "analytics/courses/<int:course_id>/learners/<int:learner_id>/",
        LearnerInsightView.as_view(),
        name="learner-insight",
    ),
    path("analytics/engagement/", EngagementView.as_view(), name="engagement"),
    path("analytics/heatmap/", HeatmapView.as_view(), name="heatmap"),
    path("analytics/improvements/", ImprovementsView.as_view(), name="improvements"),
    path("analytics/overview/", OverviewView.as_view(), name="overview"),
    path("analytics/patterns/", PatternsView.as_view(), name="patterns"),
    path("analytics/risk-model/", RiskModelView.as_view(), name="risk-model"),
    path("analytics/roi/", ReturnView.as_view(), name="roi"),
    *router.urls,
]
