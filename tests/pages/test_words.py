"""All texts of the learner's pages have an Arabic translation."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

PAGES = [
    *Path(settings.BASE_DIR).glob("templates/*.html"),
    *Path(settings.BASE_DIR).glob("templates/pages/*.html"),
    *Path(settings.BASE_DIR).glob("templates/registration/*.html"),
]
MODULES = [
    *Path(settings.BASE_DIR).glob("progress/pages/*.py"),
    *(
        Path(settings.BASE_DIR, "analytics", name, "payloads.py")
        for name in ("mastery", "paths", "recommending")
    ),
]


def texts():
    for path in PAGES:
        found = re.findall(r"""\{% translate (?:"([^"]+)"|'([^']+)')""", path.read_text("utf-8"))
        yield from (double or single for double, single in found)
    for path in MODULES:
        yield from re.findall(r"""\b_\(\s*["']([^"']+)["']\s*\)""", path.read_text("utf-8"))


@pytest.mark.parametrize("text", sorted(set(texts())))
def test_it_is_translated(text):
    with translation.override("ar"):
        assert gettext(text) != text
