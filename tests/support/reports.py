"""The reports' URLs, and their rows."""

import csv
import io

from rest_framework.test import APIClient

PAGE = "/admin/insight/reports/"


API = "/api/analytics/reports/"


def in_api(person) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def rows_of(answer) -> list[dict]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
