"""A push is one line of JSON, spelled as every other answer is."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy

from progress.live.messages import render


def test_a_message_is_spelled_as_an_answer_is():
    body = {
        "contents": [{"content_id": 5, "completion_percentage": 12.34, "last_position": None}],
        "course": {"title": 'Über "Brand\u2028schutz"\n', "is_complete": True, "time": 1234567.891},
        "certificate": {"status": gettext_lazy("Learning"), "number": 0.0},
    }
    expected = json.dumps(body, cls=DjangoJSONEncoder, separators=(",", ":"), ensure_ascii=False)
    assert render(body) == expected
    assert "\n" not in render(body)
