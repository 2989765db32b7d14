from django.urls import path

from analytics.paths import pages as paths
from analytics.recommending import pages

urlpatterns = [
    path(
        "recommendations/<int:enrollment_id>/<int:content_id>/dismiss/",
        pages.dismiss,
        name="dismiss-recommendation",
    ),
    path(
        "recommendations/<int:enrollment_id>/<int:content_id>/later/",
        pages.put_off,
        name="put-off-recommendation",
    ),
    path(
        "recommendations/<int:enrollment_id>/<int:content_id>/restore/",
        pages.restore,
        name="restore-recommendation",
    ),
    path("paths/<int:enrollment_id>/", paths.choose, name="choose-path"),
]
