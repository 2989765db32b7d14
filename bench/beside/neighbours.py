"""What `bench/ingest.py` measures beside us: one small Django site in an environment of its own.

    POST /edx     Open edX's edx-completion: its real `submit_batch_completion`, behind a DRF view
    POST /floor   DRF with a token and a serializer, and nothing behind it
    POST /empty   an empty Django view
    POST /orm     the heart of our work, written plainly with Django's ORM

`python neighbours.py prepare LEARNERS` makes the tables and people and prints their tokens.
"""

import json
import os
import sys
from urllib.parse import unquote, urlsplit

from django.conf import settings

place = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": place.path[1:],
            "USER": place.username,
            "PASSWORD": place.password,
            "HOST": unquote(place.hostname or ""),
            "PORT": place.port or "",
            "CONN_MAX_AGE": 60,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework.authtoken",
        "waffle",
        "eventtracking.django.apps.EventTrackingConfig",  # what it logs goes nowhere
        "completion",
    ],
    EVENT_TRACKING_ENABLED=True,
    EVENT_TRACKING_BACKENDS={},
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
)

import django  # noqa: E402

django.setup()

from completion.models import BlockCompletion  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from naive import MODELS, record  # noqa: E402
from opaque_keys.edx.keys import UsageKey  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.authentication import TokenAuthentication  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Completions(serializers.Serializer):
    blocks = serializers.DictField(child=serializers.FloatField(min_value=0, max_value=1))


class Floor(APIView):
    authentication_classes = [TokenAuthentication]

    def post(self, request):
        sent = Completions(data=request.data)
        sent.is_valid(raise_exception=True)
        return self.answer(request.user, sent.validated_data["blocks"])

    def answer(self, user, blocks):
        return Response({"detail": "ok"})


class Edx(Floor):
    def answer(self, user, blocks):
        named = [(UsageKey.from_string(key), share) for key, share in blocks.items()]
        BlockCompletion.objects.submit_batch_completion(user, named)
        return Response({"detail": "ok"})


class Plain(Floor):
    def answer(self, user, blocks):
        for key, share in blocks.items():
            record(user.pk, key, share)
        return Response({"detail": "ok"})


@csrf_exempt
def empty(request):
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [
    path("edx", Edx.as_view()),
    path("floor", Floor.as_view()),
    path("empty", empty),
    path("orm", Plain.as_view()),
]
application = get_wsgi_application()


def prepare(learners: int) -> None:
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token
    from waffle.models import Switch

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    Switch.objects.create(name="completion.enable_completion_tracking", active=True)
    users = User.objects.bulk_create(User(username=f"learner{n}") for n in range(learners))
    tokens = Token.objects.bulk_create(Token(user=user, key=Token.generate_key()) for user in users)
    print(json.dumps([token.key for token in tokens]))


if __name__ == "__main__":
    prepare(int(sys.argv[2]))
