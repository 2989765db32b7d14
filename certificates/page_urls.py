from django.urls import path

from certificates import pages

urlpatterns = [
    path("certificates/", pages.certificates, name="certificates"),
    path("certificates/<str:number>/renew/", pages.renew, name="renew-certificate"),
    path("certificates/<str:number>/", pages.certificate, name="certificate"),
    path("certificates/<str:number>/picture.png", pages.picture, name="certificate-picture"),
    path(
        "certificates/<str:number>/badge.png", pages.badge_picture, name="certificate-badge-picture"
    ),
    path(".well-known/did.json", pages.did_document, name="did-document"),
    path("badges/status/<int:number>/", pages.badge_status, name="badge-status"),
    path("verify/", pages.verify, name="verify"),
    path("verify/<str:text>/", pages.verify, name="verify-certificate"),
]
