"""The tests of the API, as they are, on a real Citus; what can't hold there is in by_design.py."""

import json
import re

import pytest

from .distributed import run_python

PARTS = ["tests/api", "tests/ingest", "tests/permissions/test_api.py", "tests/waivers"]
_FOLLOWED = """
import json, django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.db import transaction
from django.urls import resolve, reverse
from tests.factories import a_user
from tests.permissions.routes import routes
from tests.support.callers import api
found = {}
def read():
    boss = api(a_user(is_staff=True, is_superuser=True))
    for route in routes("api/"):
        if route.actions.get("get") == "list" and "<" not in route.path:
            address = reverse(route.name)
            if hasattr(resolve(address).func.cls, "followed"):
                answer = boss.get(address, {"updated_since": "2026-01-01T00:00:00Z"})
                code = answer.json().get("errors", [{}])[0].get("code")
                found[address] = [answer.status_code, code]
    transaction.set_rollback(True)
transaction.atomic(read)()
print(json.dumps(found))
"""


@pytest.mark.parametrize("part", PARTS)
def test_the_tests_of_the_api(cluster, part):
    names = {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DISTRIBUTED": "1"}
    said = run_python(cluster, "-m", "pytest", part, "-q", "--tb=short", **names)
    assert re.search(r"^\d+ passed", said, re.MULTILINE)


def test_every_list_that_could_be_followed_says_that_it_cannot(cluster):
    """Rather than leave changes out: that is what by_design.py expects."""
    found = json.loads(run_python(cluster, "-c", _FOLLOWED).splitlines()[-1])
    assert len(found) > 15
    for address, answer in found.items():
        assert answer == [409, "changes_not_kept"], address
