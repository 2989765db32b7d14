"""The planners' page of forecasts: wide or narrow, light or dark, nothing is cut off or unreadable;
a form asks what hours would change."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.dashboards.test_who_will_be_late import a_person
from tests.factories import a_course_of
from tests.support.accessibility import NARROW, WIDE, every_look, fits, violations
from tests.support.admin import VIDEO
from tests.support.forecasts import settled_past, show_forecasts
from tests.support.learners import A_QUIZ, an_instructor_of

from .learning import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/insight/forecast/"


@pytest.fixture
def course(site):
    course = a_course_of(VIDEO, A_QUIZ, title="Working at height")
    settled_past(course, number=40)
    show_forecasts(course)
    a_person(course, "Ana Surely", chance=0.05, days=(2, 5, 9), department="Care")
    a_person(course, "Ben Perhaps", chance=0.4, days=(10, 18, 30), department="Care")
    a_person(course, "Chiara Hardly", chance=0.95, why="unlikely")
    a_person(course, "Dmitri Gone", due_in=-2, chance=0.1, days=(2, 5, 9))
    return course


def test_it_fits_and_can_be_read(page, site, course, context):
    sign_in(context, site, an_instructor_of(course))
    page.goto(f"{site}{PAGE}")
    for look in every_look(page, is_loaded_again=True):
        expect(page.get_by_role("link", name="Dmitri Gone")).to_be_visible()
        assert (look, violations(page), fits(page)) == (look, [], True)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"forecast-{look}.png", full_page=True)
    for width, height in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{site}{PAGE}")
        page.get_by_label("Hours this week").fill("2")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("columnheader", name="With 2 h")).to_be_visible()
