from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The wing that reads: engagement, risk, recommendations, alerts, reports."""

    name = "analytics"

    def ready(self):
        from analytics.mastery import telling as mastery
        from analytics.paths import telling as paths
        from analytics.recommending import telling
        from analytics.rollups import retaining
        from progress import slots

        slots.unfolded_evidence.fill(retaining.needs)
        slots.recommendations.fill(telling.on_page)
        slots.path.fill(paths.on_page)
        slots.skills.fill(mastery.on_page)
