from django.urls import path

from . import views

urlpatterns = [
    path("login/emergency/", views.EmergencySignIn.as_view(), name="emergency-sign-in"),
    path("sign-in/<slug:provider_id>/", views.begin, name="sign-in"),
    path("sign-in/<slug:provider_id>/callback/", views.callback, name="sign-in-callback"),
    path("sign-in/<slug:provider_id>/acs/", views.receive_saml, name="sign-in-saml"),
    path("sign-in/<slug:provider_id>/acs/finish/", views.finish_saml, name="sign-in-saml-finish"),
    path("sign-in/<slug:provider_id>/metadata/", views.metadata, name="sign-in-saml-metadata"),
]
