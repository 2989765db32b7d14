"""A file of people in the browser: looked at, its wrong rows taken away, the right ones written."""

import pytest
from playwright.sync_api import expect

from progress.models import User
from tests.factories import a_user

from .learning import sign_in
from .test_accessibility import violations

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = "username,full_name,email\nlena,Lena,lena@example.org\nomar,Omar,nobody\n"


def test_a_file_with_a_wrong_row(page, site, context, tmp_path):
    sign_in(context, site, a_user(is_staff=True, is_superuser=True))
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    page.goto(f"{site}/admin/import/")
    page.locator(".insight").get_by_role("link", name="People").click()
    assert violations(page) == []
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("status")).to_contain_text("1 row is wrong")
    expect(page.get_by_role("row", name="3 email nobody")).to_be_visible()
    assert violations(page) == []
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the wrong rows").click()
    assert "omar,Omar,nobody" in taken.value.path().read_text()
    page.get_by_role("button", name="Write the 1 right one only").click()
    expect(page.get_by_role("status")).to_contain_text("The right rows are written")
    assert User.objects.filter(username="lena").exists()
    assert not User.objects.filter(username="omar").exists()
