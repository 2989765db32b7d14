"""Exactly the brief's paths, with or without a trailing slash."""

from django.urls import re_path

from . import views

_ID = r"[0-9]{1,18}"

urlpatterns = [
    re_path(r"^start_session/?$", views.StartSession.as_view(), name="start-session"),
    re_path(r"^update_progress/?$", views.UpdateProgress.as_view(), name="update-progress"),
    re_path(r"^end_session/?$", views.EndSession.as_view(), name="end-session"),
    re_path(
        rf"^realtime_progress/(?P<user_id>{_ID})/(?P<course_id>{_ID})/?$",
        views.RealtimeProgress.as_view(),
        name="realtime-progress",
    ),
    re_path(
        rf"^content_progress/(?P<user_id>{_ID})/(?P<content_id>{_ID})/?$",
        views.ContentProgressDetail.as_view(),
        name="content-progress",
    ),
    re_path(
        rf"^stream/(?P<user_id>{_ID})/(?P<course_id>{_ID})/?$",
        views.Stream.as_view(),
        name="stream",
    ),
]
