from rest_framework.routers import SimpleRouter

from analytics.foresight.api import RiskViewSet
from analytics.recommending.api import LearnerSkillViewSet, RecommendationViewSet

router = SimpleRouter()
router.register("analytics/risk", RiskViewSet, "risk")
router.register("analytics/recommendations", RecommendationViewSet, "recommendation")
router.register("analytics/skills", LearnerSkillViewSet, "learner-skill")

urlpatterns = router.urls
