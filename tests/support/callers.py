"""Clients of the API and of the pages, signed in as a person or anonymous."""

from django.test import Client
from rest_framework.test import APIClient

from progress.models import User


def api(actor: User | None) -> APIClient:
    client = APIClient()
    if actor is not None:
        client.force_authenticate(actor)
    return client


def window(actor: User | None) -> Client:
    client = Client()
    if actor is not None:
        client.force_login(actor)
    return client
