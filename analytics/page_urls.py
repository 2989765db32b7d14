from django.urls import path

from analytics.recommending import pages

urlpatterns = [
    path(
        "recommendations/<int:enrollment_id>/<int:content_id>/dismiss/",
        pages.dismiss,
        name="dismiss-recommendation",
    ),
]
