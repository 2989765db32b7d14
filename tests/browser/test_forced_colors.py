"""Where the reader's own colours replace those of all sites, bars and marks are still seen."""

import base64
from datetime import timedelta

import pytest

from tests.factories import a_course_of, a_learner, content
from tests.support.learners import A_QUIZ, fail

from .learning import CLIP, being_watched, play, saved, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

# The colours of a picture at these parts of its width, halfway down.
COLOURS = """async ([picture, places]) => {
    const bytes = await (await fetch(`data:image/png;base64,${picture}`)).blob();
    const image = await createImageBitmap(bytes);
    const drawn = new OffscreenCanvas(image.width, image.height).getContext("2d");
    drawn.drawImage(image, 0, 0);
    const at = (place) => drawn.getImageData(place * image.width, image.height / 2, 1, 1).data;
    return places.map((place) => at(place).join(" "));
}"""


@pytest.fixture
def colours(context):
    """Returns the colours of an element at parts of its width; drawn on a page without a policy."""
    other = context.new_page()

    def colours(element, *places):
        picture = base64.b64encode(element.screenshot()).decode()
        return other.evaluate(COLOURS, [picture, places])

    return colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_watched_differs_from_what_was_not(page, context, site, colours, scheme):
    course = a_course_of(CLIP, A_QUIZ)
    sign_in(context, site, a_learner(course))
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'clip').pk}/")
    being_watched(page)
    play(page, seconds=7)
    saved(page)
    watched, missing = colours(page.locator("#strip"), 0.2, 0.9)
    assert watched != missing
    page.goto(f"{site}/courses/{course.pk}/")
    for bar in (page.locator(".big-bar progress"), page.locator(".module > header progress")):
        done, left = colours(bar, 0.1, 0.9)
        assert done != left


def test_the_chosen_one_of_several_differs_from_the_others(page, context, site):
    course = a_course_of(A_QUIZ)
    learner = a_learner(course)
    fail(course, learner, "c1", times=1, ago=timedelta(hours=1))
    sign_in(context, site, learner)
    page.emulate_media(forced_colors="active")
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'c1').pk}/?attempt=1")
    edge = "each => getComputedStyle(each).borderInlineStartColor"
    own, *others = (
        page.locator(f".reviewed li li{which}").first.evaluate(edge)
        for which in (".is-own", ":not(.is-own)")
    )
    assert own not in others
