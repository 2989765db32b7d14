"""The npm package of the tracker: what is in it, and whether its types are those of its modules."""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from lms_progress.api_answers import API_VERSION

ROOT = Path(settings.BASE_DIR)
SOURCE = ROOT / "static" / "progress"
PROGRAMS = Path(__file__).parent / "kit"
LIBRARIES = Path(__file__).parent / "typescript" / "node_modules"
INSTALL = "apt-get install nodejs npm; npm ci --prefix tests/integrating/typescript"
AT_LOAD = re.compile(r'^(?:import|.*from) "\./([\w.]+?\.js)"', re.M)
IMPORT = re.compile(r'(?:from|import)[ (]["`]\./([\w.]+?\.js)')


def run(*command: str | Path, folder: Path) -> str:
    environment = os.environ | {"npm_config_cache": str(folder / ".npm"), "npm_config_offline": "1"}
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project that has the packed package installed, and TypeScript."""
    if not shutil.which("npm") or not LIBRARIES.is_dir():
        missing = f"npm or its libraries are missing: {INSTALL}"
        (pytest.fail if os.environ.get("REQUIRE_NODE") else pytest.skip)(missing)
    folder = tmp_path_factory.mktemp("kit")
    [packed] = json.loads(run("npm", "pack", "--json", SOURCE, folder=folder))
    installed = folder / "node_modules" / "@learning-progress"
    installed.mkdir(parents=True)
    shutil.unpack_archive(folder / packed["filename"], installed)
    (installed / "package").rename(installed / "tracker")
    for library in LIBRARIES.iterdir():
        (folder / "node_modules" / library.name).symlink_to(library)
    for program in PROGRAMS.iterdir():
        shutil.copy(program, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def loaded_by(*names: str, pattern: re.Pattern = IMPORT) -> set[str]:
    """The modules that these need, with themselves."""
    modules: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in modules:
            modules.add(name)
            waiting += pattern.findall((SOURCE / name).read_text())
    return modules


def package() -> dict:
    return json.loads((SOURCE / "package.json").read_text())


def test_the_version_is_that_of_the_api():
    year, month, day = map(int, API_VERSION.split("-"))
    assert package()["version"] == f"{year}.{month}.{day}"


def test_the_package_has_every_module_that_its_entries_load_and_nothing_else(project):
    installed = project / "node_modules" / "@learning-progress" / "tracker"
    packed = {path.name for path in installed.iterdir()}
    entries = [entry for entry in package()["exports"].values() if isinstance(entry, dict)]
    modules = loaded_by(*[entry["default"][2:] for entry in entries])
    types = {entry["types"][2:] for entry in entries} | {"answers.d.ts"}
    assert packed == modules | types | {"package.json", "README.md", "LICENSE"}
    assert (installed / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_strict_program_compiles_against_the_packed_types(project):
    tools = project / "node_modules" / ".bin"
    run(tools / "openapi-typescript", ROOT / "docs/openapi.yaml", "-o", "api.ts", folder=project)
    run(tools / "tsc", folder=project)
    bundler = ["--module", "ESNext", "--moduleResolution", "bundler"]
    run(tools / "tsc", *bundler, folder=project)


def test_modules_and_types_export_the_same_and_load_without_a_browser(project):
    found = json.loads(run("node", "exported.mjs", folder=project))
    assert len(found) == len(package()["exports"]) - 1
    for entry, names in found.items():
        assert names["real"] == names["typed"], entry
        for methods in names["members"].values():
            assert methods and set(methods.values()) == {"function"}, (entry, methods)


def test_every_event_that_the_tracker_dispatches_has_a_type(project):
    found = json.loads(run("node", "exported.mjs", folder=project))
    text = "".join(path.read_text() for path in SOURCE.glob("*.js"))
    dispatched = set(re.findall(r'\.emit\("(\w+)"', text))
    assert set(found["."]["events"]) == dispatched


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("the tracker", ["tracker.js"]),
        ("the element alone", ["learning_progress.js"]),
        ("both", ["tracker.js", "learning_progress.js"]),
        ("inside a frame (`framed.js`)", ["framed.js"]),
    ],
)
def test_the_sizes_in_the_manual_are_right(row, names):
    modules = loaded_by(*names, pattern=AT_LOAD)
    manual = (ROOT / "docs" / "tracker.md").read_text()
    count, size, compressed = re.search(
        rf"^\| {re.escape(row)} \| (\d+) \| ([\d,]+) \| ([\d,]+) \|$", manual, re.M
    ).groups()
    contents = [(SOURCE / name).read_bytes() for name in modules]
    assert int(count) == len(contents)
    assert _number(size) == pytest.approx(sum(map(len, contents)), rel=0.02)
    real = sum(len(gzip.compress(content)) for content in contents)
    assert _number(compressed) == pytest.approx(real, rel=0.02)


def _number(text: str) -> int:
    return int(text.replace(",", ""))
