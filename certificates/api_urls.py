from django.urls import path
from rest_framework.routers import SimpleRouter

from certificates import api

router = SimpleRouter()
router.register("certificates", api.CertificateViewSet, "certificate")

urlpatterns = [
    path("certificates/verify/", api.VerifyView.as_view(), name="verify-api"),
    *router.urls,
]
