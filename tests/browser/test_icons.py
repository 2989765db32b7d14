"""An icon stands beside its word, in every width."""

from datetime import timedelta

import pytest

from tests.factories import a_course_of, a_learner, content
from tests.support.learners import A_QUIZ, fail, pass_quiz

from .learning import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
# Whether an icon's middle is within the height of the text that follows it.
BESIDE = """element => {
    const icon = element.querySelector(".icon").getBoundingClientRect();
    const range = document.createRange();
    const isText = (node) => !node.tagName && node.textContent.trim();
    const texts = [...element.childNodes].filter(isText);
    range.selectNodeContents(texts[0]);
    const word = range.getBoundingClientRect();
    const middle = icon.top + icon.height / 2;
    return word.top < middle && middle < word.bottom;
}"""


def test_the_icons_of_a_review_are_beside_their_words(page, context, site):
    course = a_course_of(A_QUIZ)
    learner = a_learner(course)
    fail(course, learner, "c1", times=1, ago=2 * DAY)
    pass_quiz(course, learner, "c1", ago=DAY)
    sign_in(context, site, learner)
    quiz = content(course, "c1")
    for attempt in (1, 2):
        page.goto(f"{site}/courses/{course.pk}/contents/{quiz.pk}/?attempt={attempt}")
        verdict = page.locator(".verdict")
        assert verdict.count() == 1
        for width in (320, 390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            assert verdict.evaluate(BESIDE), (width, attempt)
            # The button to sign out keeps one line.
            button = page.get_by_role("button", name="Sign out").bounding_box()
            assert button["height"] <= 40, (width, button)
