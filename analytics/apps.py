from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The wing that reads: engagement, risk, recommendations, alerts, reports."""

    name = "analytics"

    def ready(self):
        from analytics.rollups import retaining
        from progress import slots

        slots.unfolded_evidence.fill(retaining.needs)
