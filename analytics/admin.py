"""The admin's lists of analytics."""

from analytics.alerts import admin as alerts
from analytics.compliance import admin as compliance
from analytics.roi import admin as roi

__all__ = ["alerts", "compliance", "roi"]  # registered by importing
