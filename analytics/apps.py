from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The wing that reads: engagement, risk, recommendations, alerts, reports."""

    name = "analytics"
