"""The wing's lists in the admin."""

from analytics.alerts import admin as alerts
from analytics.roi import admin as roi

__all__ = ["alerts", "roi"]  # registered by importing
