"""Every text of the learner's pages, mails and messages is there in Arabic, too."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

ROOT = Path(settings.BASE_DIR)
PAGES = [
    path
    for pattern in ("*.html", "pages/*.html", "authoring/*", "registration/*", "certificates/*.txt")
    for path in sorted((ROOT / "templates").glob(pattern))
]
MODULES = [
    *(ROOT / "progress" / "pages").glob("*.py"),
    *(path for path in (ROOT / "authoring").rglob("*.py") if "migrations" not in path.parts),
    ROOT / "analytics" / "recommending" / "pages.py",
    ROOT / "connections" / "webhooks" / "messages.py",
    ROOT / "lms_progress" / "administration" / "access.py",
    ROOT / "progress" / "models" / "keys.py",
    *(ROOT / "analytics" / name / "payloads.py" for name in ("mastery", "paths", "recommending")),
]
IN_A_BLOCK = re.compile(r"\{% blocktranslate[^%]*%\}(.*?)\{% endblocktranslate %\}", re.S)


def in_pages():
    for path in PAGES:
        page = path.read_text("utf-8")
        for double, single in re.findall(r"""\{% translate (?:"([^"]+)"|'([^']+)')""", page):
            yield (double or single,)
        for block in IN_A_BLOCK.findall(page):
            text = re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block.replace("%", "%%"))
            yield tuple(text.replace("{%% plural %%}", "{% plural %}").split("{% plural %}"))


def in_modules():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                forms = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2}
                texts = node.args[: forms.get(node.func.id, 0)]
                if texts and all(isinstance(text, ast.Constant) for text in texts):
                    yield tuple(text.value for text in texts)


@pytest.mark.parametrize("forms", sorted({*in_pages(), *in_modules()}))
def test_it_is_translated(forms):
    with translation.override("ar"):
        assert (gettext(*forms) if len(forms) == 1 else ngettext(*forms, 5)) not in forms
