"""Clients that are generated from docs/openapi.yaml: they compile, and make a round trip."""

import importlib
import json
import os
import pkgutil
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from progress.models import User
from progress.security.keys import make_key
from tests.factories import a_user

DESCRIPTION = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
TYPESCRIPT = Path(__file__).parent / "typescript"
INSTALL = "apt-get install nodejs npm; npm ci --prefix tests/integrating/typescript"


def a_key() -> str:
    owner = a_user(is_staff=True, is_superuser=True)
    return make_key(owner, scopes=["people:manage"], lifetime=timedelta(days=1))[1]


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package `tracker_client`, importable."""
    home = tmp_path_factory.mktemp("python")
    package = home / "tracker_client"
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--path", str(DESCRIPTION), "--output-path", str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(home))
    yield importlib.import_module("tracker_client")
    sys.path.remove(str(home))
    for name in [name for name in sys.modules if name.startswith("tracker_client")]:
        del sys.modules[name]


def test_every_module_of_the_python_client_can_be_imported(generated):
    broken, modules = {}, 0
    for found in pkgutil.walk_packages(generated.__path__, "tracker_client."):
        modules += 1
        try:
            importlib.import_module(found.name)
        except Exception as error:
            broken[found.name] = repr(error)
    assert broken == {}
    assert modules > 300


@pytest.mark.django_db(transaction=True)
def test_the_python_client_makes_a_round_trip(generated, own_site):
    key = a_key()
    own_site.start()
    part = importlib.import_module
    models = part("tracker_client.models")
    lists = part("tracker_client.api.learners.learners_list")
    upsert = part("tracker_client.api.learners.learners_upsert_create")
    bulk = part("tracker_client.api.learners.learners_bulk_create")
    client = generated.AuthenticatedClient(base_url=own_site.url, token=key, prefix="Token")
    position = lists.sync(client=client, cursor="").next_updated_since
    lena = models.LearnerUpsertRequest(username="lena", external_id="hr-17")
    made = upsert.sync(client=client, body=lena, idempotency_key="python-1")
    again = upsert.sync_detailed(client=client, body=lena, idempotency_key="python-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert User.objects.get(external_id="hr-17").pk == made.id
    rows = [models.LearnerRowRequest(username="omar"), models.LearnerRowRequest(username="?")]
    body = models.LearnerBulkRequest(rows=rows)
    results = bulk.sync(client=client, body=body).results
    assert [str(each.status) for each in results] == ["created", "invalid"]
    User.objects.get(username="omar").delete()
    changed = lists.sync(client=client, updated_since=position).results
    kinds = [type(each).__name__ for each in changed]
    assert kinds == ["Learner", "RemovedRow"]


@pytest.mark.django_db(transaction=True)
def test_the_typescript_client_compiles_and_makes_a_round_trip(own_site, tmp_path):
    if not shutil.which("node") or not (TYPESCRIPT / "node_modules").is_dir():
        missing = f"node or its libraries are missing: {INSTALL}"
        (pytest.fail if os.environ.get("REQUIRE_NODE") else pytest.skip)(missing)
    key = a_key()
    own_site.start()
    (tmp_path / "node_modules").symlink_to(TYPESCRIPT / "node_modules")
    for name in ("round_trip.ts", "tsconfig.json", "package.json"):
        shutil.copy(TYPESCRIPT / name, tmp_path)
    tools = tmp_path / "node_modules" / ".bin"

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [*map(str, command)],
            cwd=tmp_path,
            env=os.environ | {"SITE": own_site.url, "KEY": key},
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(tools / "openapi-typescript", DESCRIPTION, "-o", "api.d.ts")
    run(tools / "tsc")
    answer = json.loads(run("node", "round_trip.js"))
    lena = User.objects.get(external_id="hr-17")
    assert answer == {"id": lena.pk, "rows": [lena.pk], "refused": "username"}
