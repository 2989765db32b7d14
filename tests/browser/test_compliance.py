"""A manager finds late learners, the status on a past day, a saved report, and the cost."""

import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from playwright.sync_api import expect

from analytics.facts.rollups import folding
from analytics.models import HourlyRate, Requirement, SavedReport
from progress.jobs import Run
from tests.factories import a_course_of
from tests.support.accessibility import violations, violations_in_every_look
from tests.support.admin import VIDEO
from tests.support.learners import DAY, an_instructor_of, complete, learn, someone

from .learning import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 3, 12, tzinfo=UTC)


@pytest.fixture
def course(site):
    """Five learners completed in May, and one is late."""
    course = a_course_of(VIDEO, title="Fire safety")
    for name in ("Ana", "Ben", "Chiara", "Dmitri", "Elif"):
        person = someone(course, full_name=name, department="Care")
        learn(course, person, ago=2 * DAY)
        complete(course, person, MAY)
    someone(course, full_name="Lena Fischer", department="Care")
    due_on = timezone.localdate() - timedelta(days=3)
    Requirement.objects.create(name="Fire safety for all", course=course, due_on=due_on)
    HourlyRate.objects.create(department="Care", amount=40)
    folding.fold_new(Run("fold", timezone.now()))
    return course


@pytest.fixture
def manager(course, context, site):
    person = an_instructor_of(course)
    person.user_permissions.add(Permission.objects.get(codename="view_all_progress"))
    sign_in(context, site, person)
    return person


def test_the_board_leads_to_late_learners_and_their_file(page, site, manager):
    page.goto(f"{site}/admin/insight/compliance/")
    expect(page.locator(".answer")).to_contain_text("1 of 6 people is late")
    page.get_by_role("row", name="Fire safety for all").get_by_role("link", name="1").click()
    expect(page.get_by_label("State")).to_have_value("overdue")
    row = page.locator("table.report tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Lena Fischer")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    text = taken.value.path().read_text("utf-8-sig")
    assert "Lena Fischer" in text and "Ana" not in text
    page.get_by_label("State").select_option("complete")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("table.report tbody tr")).to_have_count(5)
    assert violations(page) == []


def test_a_signed_report_shows_the_status_on_a_past_day(page, site, manager, tmp_path):
    page.goto(f"{site}/admin/insight/compliance/")
    page.get_by_role("link", name="Who held what on a given day").click()
    page.get_by_label("On", exact=True).fill("2026-05-02")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
    page.get_by_label("On", exact=True).fill("2026-05-03")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("table.report tbody tr")).to_have_count(5)
    assert "until=2026-05-03" in page.url
    with page.expect_download() as taken:
        page.get_by_role("link", name="ZIP").click()
    with zipfile.ZipFile(taken.value.path()) as packed:
        table, signature, _readme = packed.namelist()
        assert packed.read(table).count(b"\n") == 6 and signature == f"{table}.p7s"
    with page.expect_download() as taken:
        page.get_by_role("link", name="PDF").click()
    assert b"/ETSI.CAdES.detached" in taken.value.path().read_bytes()


def test_a_report_is_saved_found_again_and_deleted(page, site, manager):
    page.goto(f"{site}/admin/insight/reports/learners/?status=open")
    page.get_by_text("Save, or receive it by email").click()
    page.get_by_label("Name").fill("Who isn't done")
    page.get_by_label("By email").select_option("weekly")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("‘Who isn't done’ is saved.")).to_be_visible()
    page.get_by_role("link", name="Who isn't done").click()
    expect(page.get_by_label("Status")).to_have_value("open")
    expect(page.locator("table.report tbody tr")).to_have_count(1)
    page.goto(f"{site}/admin/insight/reports/")
    assert violations(page) == []
    page.get_by_role("button", name="Delete Who isn't done").click()
    expect(page.get_by_text("‘Who isn't done’ is deleted.")).to_be_visible()
    assert not SavedReport.objects.exists()


def test_a_figure_leads_to_its_formula_and_inputs(page, site, manager):
    page.goto(f"{site}/admin/insight/return/")
    cost = page.locator(".figure", has_text="What the time cost").first
    cost.get_by_text("How it is calculated").click()
    expect(cost.get_by_text("Hours × hourly rate, department by department.")).to_be_visible()
    expect(cost.get_by_role("row", name="Care")).to_contain_text("× 40.00 EUR")
    assert violations(page) == []


def test_the_board_is_accessible_at_every_size_and_scheme(page, site, manager):
    for name in ("compliance", "reports/obligations", "reports/record", "return"):
        page.goto(f"{site}/admin/insight/{name}/")
        assert violations_in_every_look(page, is_loaded_again=True) == [], name
