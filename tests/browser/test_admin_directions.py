"""In the admin, icons that point along the line point the other way from right to left."""

import pytest

from progress.models import Enrollment
from tests.factories import a_user
from tests.support.accessibility import settled
from tests.support.admin import page as address_of

from .learning import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = """(icons) => icons.map((icon) => [
    icon.textContent.trim(), getComputedStyle(icon).scale, /rotate-/.test(icon.className),
])"""


@pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_icons_point_along_the_line(code, direction, page, context, site):
    sign_in(context, site, a_user(is_staff=True, is_superuser=True))
    page.set_extra_http_headers({"Accept-Language": code})
    page.goto(site + address_of(Enrollment, "add"))
    settled(page)
    assert page.locator("html").get_attribute("dir") == direction
    shown = page.locator(".material-symbols-outlined").evaluate_all(SHOWN)
    pointing = {scale for name, scale, turned in shown if name == "chevron_right" and not turned}
    assert pointing == {"-1 1" if direction == "rtl" else "none"}
    others = {scale for name, scale, turned in shown if turned or name in {"search", "home"}}
    assert others == {"none"}
