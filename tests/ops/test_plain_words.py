"""Code, pages, tests and documents use the words of docs/glossary.md, not those of before."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FOLDERS = [
    "analytics",
    "authoring",
    "bench",
    "bin",
    "certificates",
    "connections",
    "docs",
    "lms_progress",
    "progress",
    "research",
]
FOLDERS += ["static", "templates", "tests"]
ENDINGS = {".py", ".html", ".txt", ".js", ".css", ".md", ".toml", ""}
# Not ours, or a record of its day that a running database has seen.
LEFT_OUT = {"LICENSE", "migrations", "vendor", "node_modules", "fonts", "contexts"}
# Each alone or as one part of a name, as in `test_who_is_told_so`.
OLD_WORDS = re.compile(
    r"(?<![A-Za-z])(?:(?:un)?told|telling|heeds|lures|wings|besides|nought|quarrels?)(?![A-Za-z])"
    r"|\b(?:[Ss]omebody|[Ww]hom|[Ll]est|[Tt]hereof)\b|(?<![A-Za-z])afresh(?![A-Za-z])"
    r"|(?<![A-Za-z])[Ff]ooting(?![A-Za-z])"
    r"|(?<![A-Za-z])(?:MOST|LEAST|FEWEST|LONGEST|SHORTEST|SMALLEST)_[A-Z]"
    r"|_least_|(?<![a-z_])least_[a-z]"
    r"|\bNarrowing\b|\bDesk\b|\b_desk\b"
    r"|\bclass (?:Standing|Place|Line|Facts|Known|Answer|Chosen|\w+Facts|Told\w*)\b"
)


def our_files():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            is_ours = path.suffix in ENDINGS and not LEFT_OUT & set(path.parts)
            if is_ours and path.is_file() and path != Path(__file__):
                yield path


def name_of(path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_uses_one_of_the_old_words():
    """One test for all files: pytest would take longer for a test of each than the looking does."""
    files = list(our_files())
    assert len(files) > 1500
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:80]}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if OLD_WORDS.search(line)
    ]
    assert not found


# Names of modules that said too little about what is in them.
OLD_MODULES = {"among", "keeping", "losing", "pairing", "reading", "standing", "telling"}
ABOUT_READING_TEXTS = {"progress/rules/reading.py"}


def test_no_module_has_one_of_the_old_names():
    modules = [path for path in our_files() if path.suffix == ".py"]
    old = {name_of(path) for path in modules if path.stem in OLD_MODULES}
    assert old == ABOUT_READING_TEXTS
