"""What `collectstatic` writes is the same program as the source, and smaller."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from lms_progress.served_scripts import served
from progress.operations import tracker_modules

STATIC = Path(settings.BASE_DIR) / "static"
HERE = Path(__file__).parent
OWN = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


def test_own_scripts_are_collected_without_comments_and_all_else_as_it_is(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    smaller = 0
    for path in STATIC.rglob("*"):
        if not path.is_file():
            continue
        source, collected = path.read_bytes(), (tmp_path / name_of(path)).read_bytes()
        assert collected == served(name_of(path), source)
        if path in OWN:
            assert len(collected) < len(source) and b"\n// " not in collected, path
            smaller += 1
        else:
            assert collected == source
    assert smaller == len(OWN) > 60


def test_modules_for_other_sites_are_the_bytes_whose_hashes_are_printed(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    folder = tmp_path / tracker_modules.versioned_folder()
    printed = json.loads(tracker_modules.import_map("https://x.example"))["integrity"]
    for path in folder.iterdir():
        address = tracker_modules.address("https://x.example", path.name)
        assert printed[address] == tracker_modules.integrity(path.read_bytes())


def test_each_script_is_the_same_program_as_its_source():
    if not shutil.which("node") or not (HERE / "typescript" / "node_modules").exists():
        pytest.skip("needs node and `npm ci --prefix tests/integrating/typescript`")
    pairs = [(path.read_text(), served(name_of(path), path.read_bytes()).decode()) for path in OWN]
    # One that is another program is noticed.
    pairs.append(("const one = 1;", "const one = 2;"))
    answer = subprocess.run(
        ["node", HERE / "same_program.cjs"],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=True,
    )
    different = [OWN[index].name for index in json.loads(answer.stdout) if index < len(OWN)]
    assert different == [] and json.loads(answer.stdout) == [len(OWN)]
