"""The wing's lists in the admin."""

from analytics.alerts import admin  # noqa: F401, registered by importing
