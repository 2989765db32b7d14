"""What travels on a stream: an answer's `contents`, `modules`, `course` and `certificate`."""

import json

from django.core.serializers.json import DjangoJSONEncoder


def render(body: dict) -> str:
    """`body` as JSON on one line."""
    return json.dumps(body, cls=DjangoJSONEncoder, separators=(",", ":"), ensure_ascii=False)
