"""A page that never answers fails its own test, and doesn't hold up the others."""

import pytest
from playwright.sync_api import Error

from .endless import pages_end_after

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_script_that_never_ends_is_an_error(page, context):
    with pages_end_after(0.5), pytest.raises(Error, match="crashed"):
        page.evaluate("() => new Promise(() => {})")
    page.close()
    another = context.new_page()
    assert another.evaluate("() => 1 + 1") == 2
