"""A process loads nothing heavy that only few of its requests or commands need."""

import os
import subprocess
import sys

import pytest

HEAVY = [
    *("allauth.socialaccount.providers.oauth2", "jwt", "onelogin", "xmlsec"),
    *("cryptography.hazmat", "fontTools", "lark", "lxml", "markdown_it", "numpy", "openpyxl"),
    *("pydantic", "pyhanko", "pyld", "pymediainfo", "pypdf", "reportlab", "requests"),
    *("scim2_models", "scim2_server", "scipy", "sklearn", "typst", "xlsxwriter"),
]


@pytest.mark.parametrize(
    "code",
    [
        "import lms_progress.asgi",
        "import manage; sys.argv = ['manage.py', 'check']; manage.main()",
    ],
    ids=["web process", "manage.py check"],
)
def test_a_process_starts_without_the_heavy_libraries(code):
    code = f"import sys; {code}; print(*[name for name in {HEAVY} if name in sys.modules])"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == ""


def test_a_process_does_not_look_through_all_that_it_loaded_when_it_ends():
    # What is registered first runs last.
    code = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count()))"
    code += "; import manage; sys.argv = ['manage.py', 'check']; manage.main()"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.splitlines()[-1]) > 50_000
