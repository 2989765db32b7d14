from rest_framework.routers import SimpleRouter

from analytics.foresight import api

router = SimpleRouter()
router.register("analytics/risk", api.RiskViewSet, "risk")

urlpatterns = router.urls
