"""Research is there for its own commands, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(path.stem for path in (ROOT / "research/management/commands").glob("[a-z]*.py"))


def manage(*arguments):
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_are_commands():
    assert {"evaluate_mastery", "evaluate_risk", "simulate_paths"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_manage_runs_a_command_of_research_without_any_setting(command):
    done = manage(command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"manage.py {command}" in done.stdout


def test_the_product_has_no_command_of_research():
    offered = manage("help", "--commands").stdout.split()
    assert "train_risk" in offered
    assert not set(COMMANDS) & set(offered)


def test_the_products_settings_do_not_install_research():
    script = (
        "import django; django.setup()\n"
        "from django.apps import apps\n"
        "assert not apps.is_installed('research')\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)


def test_only_research_needs_what_only_research_pins():
    names = ("requirements.txt", "research/requirements.txt")
    product, research = (
        {line.split("==")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in names
    )
    assert "pyarrow" in research
    assert not research & product
