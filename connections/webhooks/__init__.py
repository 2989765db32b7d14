"""Webhooks: endpoints and their secrets, which addresses are allowed, sending, and trying again."""
