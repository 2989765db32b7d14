"""A file of people in the browser: preview, download of wrong rows, import of right ones."""

import pytest
from playwright.sync_api import expect

from progress.models import User
from tests.factories import a_user
from tests.support.accessibility import violations

from .learning import sign_in

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
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("status")).to_contain_text("1 row has errors")
    expect(page.get_by_role("row", name="3 email nobody")).to_be_visible()
    assert violations(page) == []
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the rows with errors").click()
    assert "omar,Omar,nobody" in taken.value.path().read_text()
    page.get_by_role("button", name="Import only the 1 valid row").click()
    expect(page.get_by_role("status")).to_contain_text("The valid rows were imported")
    assert User.objects.filter(username="lena").exists()
    assert not User.objects.filter(username="omar").exists()
