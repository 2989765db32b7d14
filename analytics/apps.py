from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What is made of progress: dashboards, reports, alerts, risk, recommendations."""

    name = "analytics"

    def ready(self):
        from analytics.alerts import alert_mail
        from analytics.compliance import escalations
        from analytics.facts.rollups import retaining
        from analytics.mastery import payloads as mastery
        from analytics.paths import payloads as paths
        from analytics.recommending import payloads
        from analytics.reporting import registry, saving
        from analytics.site import reports
        from progress import slots
        from progress.mail import outgoing

        registry.register(reports.ALL)
        slots.unfolded_evidence.fill(retaining.needs)
        slots.recommendations.fill(payloads.page_rows)
        slots.path.fill(paths.page_payload)
        slots.skills.fill(mastery.page_rows)
        for name, kind in alert_mail.KINDS.items():
            outgoing.register(name, kind)
        outgoing.register("escalation", outgoing.Kind(escalations.compose, escalations.note))
        outgoing.register("saved_report", outgoing.Kind(saving.compose, saving.note))
