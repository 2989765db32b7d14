from django.contrib.auth import views as auth
from django.urls import path, reverse_lazy

from . import my_learning, views

urlpatterns = [
    path("", my_learning.my_learning, name="my-learning"),
    path("goal/", my_learning.weekly_goal, name="weekly-goal"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path(
        "password/<str:uidb64>/<str:token>/",
        auth.PasswordResetConfirmView.as_view(
            template_name="registration/set_password.html", success_url=reverse_lazy("login")
        ),
        name="set-password",
    ),
    path("courses/<int:course_id>/", views.course, name="course"),
    path("courses/<int:course_id>/contents/<int:content_id>/", views.content, name="content"),
    path("courses/<int:course_id>/contents/<int:content_id>/waiver/", views.waiver, name="waiver"),
]
