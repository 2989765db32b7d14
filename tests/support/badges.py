"""Badges of a site with a public address."""

import json

from django.utils import timezone

from certificates.badges import issuer, open_badge, status_lists

SITE = "https://learn.example.com:8443"
DID = "did:web:learn.example.com%3A8443"


def read(badge):
    return open_badge.read(json.dumps(badge).encode())


def published():
    """What others would find at this site's addresses."""
    listed = status_lists.make(0, timezone.now())
    return {issuer.did(): issuer.document(), listed["id"]: listed}
