from django.urls import path

from . import views

urlpatterns = [
    path("realtime_progress_demo.html", views.demo, name="demo"),
    path("demo/try/", views.try_demo, name="try-demo"),
    path("demo/join/", views.join_demo, name="join-demo"),
]
