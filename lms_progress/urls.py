from django.contrib import admin
from django.urls import include, path

from progress.pages.language import set_language

from . import api_root, health, metrics

handler400 = "lms_progress.errors.bad_request"
handler404 = "lms_progress.errors.not_found"
handler500 = "lms_progress.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", api_root.ApiRoot.as_view(), name="api-root"),
    path("api/", include("analytics.site.api_urls")),
    path("api/", include("authoring.api.urls")),
    path("api/", include("certificates.api_urls")),
    path("api/", include("connections.api_urls")),
    path("api/", include("progress.api.urls")),
    path("scim/v2", include("connections.scim.urls")),
    path("", include("analytics.site.page_urls")),
    path("", include("authoring.pages.urls")),
    path("", include("certificates.page_urls")),
    path("language/", set_language, name="set_language"),
    path("", include("lms_progress.sign_in.urls")),
    path("", include("progress.pages.urls")),
    path("", include("lms_progress.demo.urls")),
]
