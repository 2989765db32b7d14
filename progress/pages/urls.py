from django.urls import path

from . import account, calendar_feed, devices, installing, my_learning, notes, search, views

urlpatterns = [
    path("", my_learning.my_learning, name="my-learning"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service-worker"),
    path("offline/<slug:code>/", installing.offline, name="offline"),
    path("search/", search.search, name="search"),
    path("goal/", my_learning.weekly_goal, name="weekly-goal"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", account.SignOut.as_view(), name="logout"),
    path("signed-out/", account.signed_out, name="signed-out"),
    path("account/", account.account, name="account"),
    path("account/password/", account.ChangePassword.as_view(), name="change-password"),
    path("account/calendar/", calendar_feed.change_address, name="change-calendar"),
    path("calendar/<str:token>.ics", calendar_feed.calendar, name="calendar"),
    path("account/captions/", account.keep_captions, name="keep-captions"),
    path("account/sign-out/", devices.sign_out_elsewhere, name="sign-out-elsewhere"),
    path(
        "account/devices/<int:sign_in_id>/sign-out/",
        devices.sign_out_device,
        name="sign-out-device",
    ),
    path("password/", account.forgot_password, name="forgot-password"),
    path("password/sent/", account.reset_sent, name="reset-sent"),
    path("password/<str:uidb64>/<str:token>/", account.SetPassword.as_view(), name="set-password"),
    path("courses/<int:course_id>/", views.course, name="course"),
    path("courses/<int:course_id>/contents/<int:content_id>/", views.content, name="content"),
    path("courses/<int:course_id>/notes.md", notes.export, name="export-notes"),
    path("courses/<int:course_id>/contents/<int:content_id>/notes/", notes.add, name="add-note"),
    path(
        "courses/<int:course_id>/contents/<int:content_id>/notes/<int:note_id>/delete/",
        notes.delete,
        name="delete-note",
    ),
    path("courses/<int:course_id>/contents/<int:content_id>/waiver/", views.waiver, name="waiver"),
]
