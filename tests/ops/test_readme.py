"""The documents name every setting and no other, and nothing that isn't there."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READ = re.compile(r'(?:environ(?:\.get)?[\[(]|_flag\(|_number\(|_list\()\s*"([A-Z_]+)"')
NOT_FOR_OPERATORS = {"DJANGO_SETTINGS_MODULE", "TEST_TEMPLATE"}
DOCUMENTS = [
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    if "node_modules" not in path.parts
]
# Pages that say where things live: what they name between backticks has to exist.
MAPS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
TOP = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."}


def settings_table() -> str:
    return (ROOT / "docs" / "settings.md").read_text()


def test_every_setting_is_documented_and_every_documented_one_exists():
    sources = [*ROOT.glob("lms_progress/**/*.py"), *ROOT.glob("progress/**/*.py")]
    read = {name for source in sources for name in READ.findall(source.read_text())}
    documented = {
        name
        for row in re.findall(r"^\| (`.+?) \|", settings_table(), re.M)
        for name in re.findall("`([A-Z_]+)`", row)
    }
    assert read - NOT_FOR_OPERATORS == documented


def test_every_documented_default_is_the_real_one():
    numbers = re.findall(r"^\| `([A-Z_]+)` \| ([0-9.]+) \|", settings_table(), re.M)
    assert len(numbers) >= 8
    for name, default in numbers:
        source = (ROOT / "lms_progress" / "settings.py").read_text()
        assert f'"{name}", "{default}"' in source, name


def test_the_readme_is_a_front_page():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def links():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            if not re.match(r"[a-z]+:", target):
                yield document, target


def leads_somewhere(document: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    linked = (document.parent / path) if path else document
    if not linked.exists():
        return False
    headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.M) if anchor else []
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return not anchor or anchor in anchors


def test_every_link_leads_somewhere():
    found = list(links())
    assert len(found) > 100
    wrong = [
        f"{document.name} {target}"
        for document, target in found
        if not leads_somewhere(document, target)
    ]
    assert wrong == []


def named_paths():
    for document in MAPS:
        for span in re.findall(r"`([^`\n]+)`", document.read_text()):
            for word in span.split():
                path = word.split("::")[0].rstrip(".,:;")
                if "/" in path and path.split("/")[0] in TOP and re.fullmatch(r"[\w./-]+", path):
                    yield document, path


def test_every_path_that_is_named_exists():
    named = list(named_paths())
    assert len(named) > 100
    missing = [f"{document.name} {path}" for document, path in named if not (ROOT / path).exists()]
    assert missing == []


def test_the_demo_files_that_documents_name_are_there():
    named = {
        (document.name, address)
        for document in DOCUMENTS
        for address in re.findall(r"/static/(demo/[\w.-]+\.\w+)", document.read_text("utf-8"))
    }
    assert named
    assert {each for each in named if not (ROOT / "static" / each[1]).is_file()} == set()
