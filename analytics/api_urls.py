from rest_framework.routers import SimpleRouter

from analytics.foresight.api import RiskViewSet
from analytics.recommending.api import LearnerSkillViewSet, RecommendationViewSet
from analytics.reports.api import ReportViewSet

router = SimpleRouter()
router.register("analytics/risk", RiskViewSet, "risk")
router.register("analytics/recommendations", RecommendationViewSet, "recommendation")
router.register("analytics/reports", ReportViewSet, "report")
router.register("analytics/skills", LearnerSkillViewSet, "learner-skill")

urlpatterns = router.urls
