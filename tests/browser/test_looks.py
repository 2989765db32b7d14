"""The checks of accessibility see what is wrong in one scheme or one size only."""

import pytest

from tests.support.accessibility import every_look, fits, violations_in_every_look

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = """<!doctype html><html lang="en"><title>Looks</title><style>
body { background: #fff; color: #000; }
@media (prefers-color-scheme: dark) { body { background: #000; color: #fff; } p { color: #333; } }
@media (max-width: 400px) { h1 { color: #ddd; } p { width: 900px; } }
</style><main><h1>Title</h1><p>Text</p></main></html>"""


def test_what_is_wrong_in_one_look_only_is_found(page):
    page.set_content(PAGE)
    contrast = "color-contrast: Elements must meet minimum color contrast ratio thresholds:"
    assert violations_in_every_look(page) == [
        f"light, 390 px: {contrast} ['<h1>Title</h1>']",
        f"dark, 1440 px: {contrast} ['<p>Text</p>']",
        f"dark, 390 px: {contrast} ['<p>Text</p>']",
    ]
    assert {look: fits(page) for look in every_look(page)} == {
        "light, 1440 px": True,
        "light, 390 px": False,
        "dark, 1440 px": True,
        "dark, 390 px": False,
    }
