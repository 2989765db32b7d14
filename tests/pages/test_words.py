"""Every text of the learner's pages, mails and messages is there in every language of the site."""

import ast
import re
from collections import defaultdict
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

ROOT = Path(settings.BASE_DIR)
PAGES = [
    path
    for pattern in (
        "*.html",
        "pages/*.html",
        "authoring/*",
        "registration/*",
        "sign_in/*",
        "certificates/*.txt",
    )
    for path in sorted((ROOT / "templates").glob(pattern))
]
MODULES = [
    *(ROOT / "progress" / "pages").glob("*.py"),
    *(ROOT / "progress" / "own_data").glob("*.py"),
    ROOT / "progress" / "api" / "me.py",
    *(path for path in (ROOT / "authoring").rglob("*.py") if "migrations" not in path.parts),
    ROOT / "analytics" / "recommending" / "pages.py",
    ROOT / "connections" / "webhooks" / "messages.py",
    ROOT / "lms_progress" / "administration" / "access.py",
    ROOT / "lms_progress" / "sign_in" / "entering.py",
    ROOT / "progress" / "models" / "keys.py",
    ROOT / "progress" / "models" / "outside.py",
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


LOCALE = ROOT / "progress" / "locale"
TRANSLATED = [code for code, _name in settings.LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%|</?\w+")


@cache
def catalogue(code):
    """Texts by message id; a plural's forms are listed by (message id, number of the form)."""
    with (LOCALE / code / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return {key: text for key, text in GNUTranslations(file)._catalog.items() if key}


def test_every_text_is_translated():
    texts = sorted({*in_pages(), *in_modules()})
    assert len(texts) > 900
    with translation.override("ar"):
        shown_as_written = [
            forms
            for forms in texts
            if (gettext(*forms) if len(forms) == 1 else ngettext(*forms, 5)) in forms
        ]
    assert shown_as_written == []
    keys = {forms: forms[0] if len(forms) == 1 else (forms[0], 0) for forms in texts}
    missing = {
        code: [f for f, key in keys.items() if not catalogue(code).get(key)] for code in TRANSLATED
    }
    assert missing == {code: [] for code in TRANSLATED}


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogues_have_the_same_texts_with_the_same_placeholders(code):
    def ids(of):
        return {key if isinstance(key, str) else key[0] for key in catalogue(of)}

    assert ids(code) == ids("ar")
    if code == "ar":  # Its forms for one and two need no number.
        return
    for key, text in catalogue(code).items():
        text_id = key if isinstance(key, str) else key[0]
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(text_id)) or (
            isinstance(key, tuple) and not PLACEHOLDER.findall(text_id)
        ), text_id


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_plural_has_every_form_of_its_language(code):
    """Without one, that number would be shown in English."""
    forms = defaultdict(set)
    for key in catalogue(code):
        if isinstance(key, tuple):
            forms[key[0]].add(key[1])
    source = (LOCALE / code / "LC_MESSAGES" / "django.po").read_text("utf-8")
    whole = set(range(int(re.search(r"nplurals=(\d)", source)[1])))
    assert len(forms) > 20
    assert {text: found for text, found in forms.items() if found != whole} == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_entry_is_fuzzy_stale_or_missing_from_what_is_compiled(code):
    source = (LOCALE / code / "LC_MESSAGES" / "django.po").read_text("utf-8")
    entries = source.split("\n\n", 1)[1]
    assert "#, fuzzy" not in entries
    assert "#~" not in entries
    ids = {key if isinstance(key, str) else key[0] for key in catalogue(code)}
    assert len(re.findall(r"^msgid ", entries, re.M)) == len(ids)
