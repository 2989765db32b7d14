from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """The wing that acts on completion: issue, render, sign, verify, expire."""

    name = "certificates"
