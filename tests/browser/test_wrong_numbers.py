"""A word where a number is wanted is refused beside its field, in the learner's words."""

import pytest
from playwright.sync_api import expect

from progress.catalogue import course_document, replace_course
from progress.models import QuizAttempt
from tests.support.question_types import typed_questions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page_of_types(visit, course):
    document = course_document(course, is_author=True)
    for each in document["modules"][0]["contents"]:
        if each["code"] == "quiz":
            each["questions"] = typed_questions()
    replace_course(document)
    return visit("quiz")


def test_a_word_is_no_number(page_of_types):
    page = page_of_types
    page.get_by_label("Your answer, a number").fill("twelve")
    state = page.locator("[data-type=numeric] .answer-state")
    expect(state).to_have_text("Not saved: please enter a number, such as 3.5.")
    page.get_by_label("Your answer, a number").fill("12,5")
    expect(state).to_have_text("✓ Saved")


def test_every_type_waits_without_a_network_and_is_delivered(page_of_types, context):
    page = page_of_types
    page.get_by_label("True", exact=True).check()
    expect(page.locator("[data-type=true_false] .answer-state")).to_have_text("✓ Saved")
    context.set_offline(True)
    page.get_by_label("Your answer, a number").fill("12,5")
    page.get_by_label("Your answer", exact=True).fill("fire brigade")
    page.get_by_label("Oil").select_option("Foam")
    page.locator(".order li").nth(1).get_by_label("up").click()
    page.locator("[data-type=single], [data-type=multiple]").get_by_label("Oxygen").check()
    page.get_by_label("Your answer", exact=True).blur()
    expect(page.locator("#saved")).to_contain_text("Offline")
    context.set_offline(False)
    expect(page.locator(".answer-state", has_text="✓")).to_have_count(6)
    answers = QuizAttempt.objects.get().answers
    assert len(answers) == 6
    assert all(answer for _revision, answer in answers.values())
