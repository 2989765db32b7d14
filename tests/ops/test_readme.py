"""README names every setting, and no other."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READ = re.compile(r'(?:environ(?:\.get)?[\[(]|_flag\(|_number\(|_list\()\s*"([A-Z_]+)"')
NOT_FOR_OPERATORS = {"DJANGO_SETTINGS_MODULE"}


def test_every_setting_is_in_the_readme_and_every_one_there_exists():
    sources = [*ROOT.glob("lms_progress/**/*.py"), *ROOT.glob("progress/**/*.py")]
    read = {name for source in sources for name in READ.findall(source.read_text())}
    table = (ROOT / "README.md").read_text().split("## Settings")[1]
    told = {
        name
        for row in re.findall(r"^\| (`.+?) \|", table, re.M)
        for name in re.findall("`([A-Z_]+)`", row)
    }
    assert read - NOT_FOR_OPERATORS == told


def test_every_default_in_the_readme_is_the_real_one():
    table = (ROOT / "README.md").read_text().split("## Settings")[1]
    numbers = re.findall(r"^\| `([A-Z_]+)` \| ([0-9.]+) \|", table, re.M)
    assert len(numbers) >= 8
    for name, default in numbers:
        source = (ROOT / "lms_progress" / "settings.py").read_text()
        assert f'"{name}", "{default}"' in source, name
