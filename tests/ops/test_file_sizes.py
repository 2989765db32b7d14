"""Files are short enough to be read in one go."""

from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FOLDERS = [
    "analytics",
    "authoring",
    "bench",
    "certificates",
    "connections",
    "lms_progress",
    "progress",
    "research",
    "tests",
]
MAX_LINES = 400
# It is in every archive of evidence, to be run by people who have nothing else of ours.
ONE_FILE_ON_PURPOSE = {"certificates/evidence/verify.py"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_too_long(folder):
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
        if not {"migrations", "node_modules"} & set(path.parts)
    }
    too_long = {name for name, count in lines.items() if count > MAX_LINES}
    assert too_long <= ONE_FILE_ON_PURPOSE
