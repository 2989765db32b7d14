from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from . import (
    courses,
    enrollments,
    erasing,
    imports,
    learners,
    me,
    openapi,
    outside_completions,
    waivers,
)

router = SimpleRouter()
router.register("courses", courses.CourseViewSet, "course")
router.register("learners", learners.LearnerViewSet, "learner")
router.register("enrollments", enrollments.EnrollmentViewSet, "enrollment")
router.register(
    "outside-completions", outside_completions.OutsideCompletionViewSet, "outside-completion"
)
router.register("waivers", waivers.WaiverViewSet, "waiver")

urlpatterns = [
    path("employee/", include("progress.api.employee.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", openapi.Docs.as_view(url_name="schema"), name="api-docs"),
    path("me/", me.Me.as_view(), name="me"),
    path("test-data/", erasing.TestData.as_view(), name="test-data"),
    path("imports/<slug:kind>/", imports.ImportView.as_view(), name="import"),
    path("auth/", include("rest_framework.urls")),
    path("", include(router.urls)),
]
