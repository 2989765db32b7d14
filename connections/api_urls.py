from rest_framework.routers import SimpleRouter

from connections.api import events, webhooks

router = SimpleRouter()
router.register("events", events.EventViewSet, "event")
router.register("webhooks", webhooks.EndpointViewSet, "webhook")
router.register(
    "webhooks/(?P<endpoint_id>[0-9]{1,18})/deliveries",
    webhooks.DeliveryViewSet,
    "webhook-delivery",
)

urlpatterns = router.urls
