"""A PDF in a real browser: read pages count, and navigation works in a long document."""

import io

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import expect
from pypdf import PdfWriter

from progress.models import ContentProgress
from tests.factories import a_course_of, a_learner, content

from .learning import RULES, being_watched, covered, eventually, progress_of, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def a_long_document(pages):
    """A document that repeats the demo's pages."""
    file, writer = io.BytesIO(), PdfWriter()
    while len(writer.pages) < pages:
        left = pages - len(writer.pages)
        writer.append(str(finders.find("demo/house-rules.pdf")), pages=(0, min(left, 6)))
    writer.write(file)
    return file.getvalue()


@pytest.fixture
def open_long(page, context, site):
    """Open a document of 120 pages. Returns its course."""

    def open_long(at=""):
        page.route("**/long.pdf", lambda route: route.fulfill(body=a_long_document(120)))
        course = a_course_of(RULES | {"url": "/long.pdf", "page_count": 120})
        sign_in(context, site, a_learner(course))
        item = content(course, "rules")
        with page.expect_response("**/start_session"):
            page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/{at}")
        expect(page.locator(".page")).to_have_count(120)
        return course

    return open_long


def test_pages_count_when_they_were_read_and_come_back_open(visit, course):
    page = visit("rules")
    expect(page.locator(".page")).to_have_count(6)
    expect(page.locator(".page").first.locator(".words")).to_contain_text("House rules")
    page.wait_for_timeout(2500)
    page.locator(".page").nth(3).evaluate("page => page.scrollIntoView()")
    eventually(page, lambda: covered(course, "rules"))
    expect(page.locator(".page").first.get_by_text("✓ Read")).to_be_visible()
    row = progress_of(course, "rules")
    assert (0, 1) in row.coverage
    assert not any(start <= 3 < end for start, end in row.coverage)
    with page.expect_download():
        page.click("#download")
    eventually(page, lambda: progress_of(course, "rules").download_count == 1)
    visit("rules")
    expect(page.locator(".page")).to_have_count(6)
    expect(page.locator(".page").nth(3)).to_be_in_viewport()
    expect(page.locator(".page").first).not_to_be_in_viewport()


def test_a_long_document_keeps_few_pages_drawn(open_long, page):
    open_long()
    for number in [1, 40, 80, 120]:
        page.get_by_label("Page", exact=True).fill(str(number))
        page.get_by_label("Page", exact=True).press("Enter")
        sheet = page.locator(".page").nth(number - 1)
        expect(sheet).to_be_in_viewport()
        expect(sheet.locator("canvas")).to_have_count(1)
        expect(sheet.locator(".words")).not_to_be_empty()
    assert page.locator(".page canvas").count() <= 8
    expect(page.locator(".page").first.locator("canvas")).to_have_count(0)


def test_a_url_opens_a_page_and_the_buttons_turn_pages(open_long, page):
    open_long("#at=57")
    field = page.get_by_label("Page", exact=True)
    expect(field).to_have_value("57")
    page.get_by_role("button", name="Next page").click()
    expect(field).to_have_value("58")
    page.get_by_role("button", name="Previous page").click()
    expect(field).to_have_value("57")
    field.fill("9999")
    field.press("Enter")
    expect(field).to_have_value("120")
    field.fill("nothing")
    field.press("Enter")
    expect(field).to_have_value("120")


def test_zoom_keeps_the_page_and_its_words_in_place(visit, page):
    visit("rules")
    words = page.locator(".page").first.locator(".words span").first
    expect(words).to_have_count(1)
    wide = page.locator(".page").first.bounding_box()["width"]
    size = eventually(page, lambda: words.bounding_box())["width"]
    for _ in range(3):
        page.get_by_role("button", name="Larger").click()
    expect(page.locator("[data-pdf=zoom]")).to_have_text("200 %")
    assert page.locator(".page").first.bounding_box()["width"] == pytest.approx(2 * wide, rel=0.01)
    # While the page is redrawn, the span is missing for a moment.
    eventually(page, lambda: (words.bounding_box() or {"width": 0})["width"] > 1.9 * size)
    page.locator("#pages").press("0")
    expect(page.locator("[data-pdf=zoom]")).to_have_text("100 %")
    page.locator("#pages").press("-")
    expect(page.locator("[data-pdf=zoom]")).to_have_text("80 %")


def test_search_finds_in_pages_that_are_not_drawn(open_long, page):
    open_long()
    find = page.get_by_role("searchbox", name="Find in the document")
    find.fill("HOUSE RULES")
    found = page.locator("[data-pdf=found]")
    expect(found).to_have_text("1 of 20")
    find.press("Enter")
    expect(found).to_have_text("2 of 20")
    expect(page.locator(".page").nth(6)).to_be_in_viewport()
    page.wait_for_function("() => CSS.highlights.get('found-now').size === 1")
    marked = page.evaluate("[...CSS.highlights.get('found-now')].map(String)")
    assert [text.lower() for text in marked] == ["house rules"]
    find.press("Shift+Enter")
    expect(found).to_have_text("1 of 20")
    find.fill("no such words")
    expect(found).to_have_text("Not found")


def slides(count):
    """Small landscape pages, with one of another shape first."""
    file, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(width=300, height=900)
    for _ in range(count - 1):
        writer.add_blank_page(width=1600, height=300)
    writer.write(file)
    return file.getvalue()


def test_small_pages_of_many_shapes_can_all_be_read(page, context, site):
    page.route("**/slides.pdf", lambda route: route.fulfill(body=slides(6)))
    course = a_course_of(RULES | {"url": "/slides.pdf", "page_count": 6})
    sign_in(context, site, a_learner(course))
    item = content(course, "rules")
    with page.expect_response("**/start_session"):
        page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/#at=5")
    being_watched(page)
    field = page.get_by_label("Page", exact=True)
    expect(field).to_have_value("5")
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Next page").click()
    expect(field).to_have_value("6")
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Previous page").click()
    eventually(page, lambda: any(start <= 4 and end >= 6 for start, end in coverage(course)))
    assert not any(start < 4 for start, end in coverage(course))


def coverage(course):
    return [span for row in course_rows(course) for span in row.coverage]


def course_rows(course):
    return ContentProgress.objects.filter(content__module__course=course)
