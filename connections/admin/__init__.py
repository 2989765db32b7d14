"""Webhooks in the admin; one module for each subject."""

from . import deliveries, endpoints

__all__ = ["deliveries", "endpoints"]
