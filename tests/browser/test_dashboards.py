"""An instructor gets from the overview to a learner and to a second of a video."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from analytics.facts.rollups import course_days
from analytics.models import (
    ContentCurve,
    ContentEdition,
    ContentReach,
    LearnerContent,
    LearnerDay,
)
from progress.models import Enrollment
from tests.factories import a_course_of, content
from tests.support.accessibility import every_look, violations
from tests.support.learners import DAY, an_instructor_of, fail, learn, someone

from .learning import CLIP, QUIZ, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def course(site):
    """A clip of twelve seconds that five watched in part, and a quiz that one keeps failing."""
    course = a_course_of(
        CLIP | {"code": "c1"}, QUIZ | {"code": "c2", "questions": QUIZ["questions"][:1]}
    )
    for name in ("Ana", "Ben", "Chiara", "Dmitri", "Elif"):
        learn(course, someone(course, full_name=name, department="Care"), ago=20 * DAY)
    fail(
        course, someone(course, full_name="Lena Fischer", department="Care"), "c2", times=2, ago=DAY
    )
    add_up(course)
    return course


def add_up(course) -> None:
    """Rollups as the folding job would write them, with distinct numbers."""
    edition = ContentEdition.objects.create(
        content=content(course, "c1"), media_version=1, kind="media", extent=12_000, buckets=12
    )
    replayers = [0] * 9 + [6] + [0] * 2
    ContentReach.objects.create(
        edition=edition, learners=6, viewers=[6] * 12, replayers=replayers, drop_offs=[0] * 12
    )
    for enrollment in Enrollment.objects.filter(course=course):
        LearnerContent.objects.create(
            enrollment=enrollment, edition=edition, seen=[(0, 12)], again=[(9, 10)]
        )
    seen = [6] * 9 + [12] + [6] * 2
    ContentCurve.objects.create(edition=edition, session_month="2026-05-01", seen=seen)
    enrollment = Enrollment.objects.get(user__full_name="Lena Fischer")
    LearnerDay.objects.create(
        enrollment=enrollment,
        user=enrollment.user,
        course=course,
        day=timezone.localdate(),
        session_month=timezone.localdate().replace(day=1),
        active_ms=600_000,
        hours_ms=[0] * 12 + [600_000] + [0] * 11,
    )
    course_days.mark([(course.pk, timezone.localdate())])
    course_days.add_up()


@pytest.fixture
def instructor(context, site, course):
    person = an_instructor_of(course)
    sign_in(context, site, person)
    return person


def test_the_overview_leads_to_a_learner(page, site, instructor):
    page.goto(f"{site}/admin/")
    expect(page.locator(".answer")).to_have_text(
        "6 of 6 learners need you: 5 stalled at ‘The extinguisher’, "
        "1 keeps failing ‘What would you do?’."
    )
    page.locator("#courses ~ .scrolls tbody th a").click()
    page.get_by_role("link", name="Lena Fischer").click()
    expect(page.get_by_role("heading", name="Quiz attempts")).to_be_visible()
    expect(
        page.locator("section", has_text="Quiz attempts").get_by_text("Not passed")
    ).to_have_count(2)


def test_filters_are_in_the_url(page, site, instructor, course):
    page.goto(f"{site}/admin/insight/courses/{course.pk}/")
    page.get_by_label("Show", exact=True).select_option("Need you")
    page.get_by_label("Name").fill("lena")
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile(r"[?&]q=lena\b.*show=need"))
    expect(page.locator("#learners ~ .scrolls tbody tr")).to_have_count(1)
    page.get_by_label("Department", exact=True).select_option("Care")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"department=Care.*q=lena|q=lena.*department=Care"))
    expect(page.locator("#learners ~ .scrolls tbody tr")).to_have_count(1)


def test_a_figures_formula_is_shown_on_focus(page, site, instructor):
    page.goto(f"{site}/admin/")
    formula = page.locator("#counts-overdue")
    expect(formula).to_be_hidden()
    page.locator("#figure-overdue").focus()
    expect(formula).to_be_visible()
    expect(formula).to_contain_text("As of")


def test_the_number_of_active_learners_is_updated(page, site, instructor, course):
    page.clock.install()
    page.goto(f"{site}/admin/")
    value = page.locator("#figure-active .figure-value")
    expect(value).to_have_text("0")
    learn(course, someone(course), ago=DAY / 86_400 * 30)
    page.clock.run_for(11_000)
    expect(value).to_have_text("1")


def test_a_click_on_the_curve_plays_that_second(page, site, instructor, course):
    page.goto(f"{site}/admin/insight/contents/{content(course, 'c1').pk}/")
    expect(page.locator(".hotspots")).to_contain_text("100 % of those who watched 0:09–0:10")
    page.wait_for_function("() => document.getElementById('player').readyState > 0")
    plot = page.locator(".plot")
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 0.5 + 2, "y": 20})
    page.wait_for_function("() => Math.floor(document.getElementById('player').currentTime) >= 6")
    assert 6 <= page.locator("#player").evaluate("media => media.currentTime") < 9
    page.get_by_role("link", name="Play it").click()
    page.wait_for_function("() => document.getElementById('player').currentTime >= 9")
    expect(page.locator(".here")).to_be_visible()


def test_printing_shows_the_filters_and_the_table(page, site, instructor, course):
    since = timezone.localdate() - 7 * DAY
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{site}/admin/?department=Care&since={since}")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".printed")).to_contain_text(
        f"{course.title} · Care · {since:%-d %b %Y} – "
    )
    for needless in (".filters", "#nav-sidebar", ".behind summary"):
        expect(page.locator(needless).first).to_be_hidden()
    expect(page.locator(".behind table").first).to_be_visible()
    expect(page.locator("#counts-overdue")).to_contain_text("As of")
    ink = "getComputedStyle(document.querySelector('.answer')).color"
    assert page.evaluate(ink) == "rgb(0, 0, 0)"
    page.emulate_media(media="screen")
    expect(page.locator(".printed")).to_be_visible()  # beside the filters


def test_the_sidebar_and_filters_work_by_keyboard(page, site, instructor):
    page.goto(f"{site}/admin/progress/course/")
    toggle = page.get_by_role("button", name="Show or hide the menu").first
    toggle.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#nav-sidebar")).to_be_visible()
    filters = page.get_by_role("button", name="Filters")
    filters.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#changelist-filter")).to_be_visible()


def test_axe_finds_nothing(page, site, instructor, course):
    person = Enrollment.objects.get(user__full_name="Lena Fischer").user_id
    own = f"/admin/insight/courses/{course.pk}/"
    contents = [f"/admin/insight/contents/{content(course, code).pk}/" for code in ("c1", "c2")]
    for address in ["/admin/", own, f"{own}learners/{person}/", *contents]:
        page.goto(site + address)
        for look in every_look(page, is_loaded_again=True):
            page.locator("details").evaluate_all(
                "(all) => all.forEach((it) => { it.open = true; })"
            )
            assert (address, look, violations(page)) == (address, look, [])


def test_a_charts_value_is_shown_under_the_pointer_and_the_keyboard(page, site, instructor, course):
    """Its axis has values without scripts or pointer, too."""
    page.goto(f"{site}/admin/")
    chart = page.locator("#days ~ .graph")
    plot, readout = chart.locator("[data-plot]"), chart.locator("[data-readout]")
    expect(chart.locator(".axis")).to_contain_text("10 min")
    expect(readout).to_have_text("")
    plot.focus()
    page.keyboard.press("End")
    expect(readout).to_contain_text("10 min")
    expect(plot).to_have_attribute("aria-valuetext", re.compile("10 min$"))
    page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("0 s")
    page.keyboard.press("Tab")
    expect(readout).to_have_text("")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 5)
    expect(readout).to_contain_text("10 min")
    page.goto(f"{site}/admin/insight/contents/{content(course, 'c1').pk}/")
    plot = page.locator("#curve [data-plot]")
    plot.focus()
    expect(page.locator("#curve [data-readout]")).to_contain_text("First views 6")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuetext", re.compile("^From 0:09: .*Replays 6"))


def test_a_page_refuses_unknown_parameters(page, site, instructor, complaints):
    page.goto(f"{site}/admin/?colour=blue&department=Nobody")
    expect(page.locator(".answer")).to_contain_text("Nothing is shown")
    expect(page.locator(".meanings")).to_contain_text("colour")
    expect(page.locator(".meanings")).to_contain_text("department")
    page.get_by_role("link", name="Open the page without filters").click()
    expect(page.locator(".answer")).to_contain_text("6 of 6 learners")
    complaints.clear()  # about the answer 400
