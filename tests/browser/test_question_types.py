"""Questions that are ordered, matched and typed, with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from progress.catalogue import course_document, replace_course
from progress.models import QuizAttempt
from tests.factories import content
from tests.support.question_types import right_answers, typed_questions

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_type_is_answered_by_keyboard_and_found_again(visit, course):
    document = course_document(course, is_author=True)
    for module in document["modules"]:
        for each in module["contents"]:
            if each["code"] == "quiz":
                each["questions"] = typed_questions()
    replace_course(document)
    page = visit("quiz")
    order = page.locator(".order li")
    for place, text in enumerate(["Alarm", "Leave", "Meet", "Report"]):
        index = order.locator("bdi").all_inner_texts().index(text)
        for _step in range(index - place):
            order.filter(has_text=text).get_by_label("up").press("Enter")
    expect(order.locator("bdi")).to_have_text(["Alarm", "Leave", "Meet", "Report"])
    for prompt, match in [("Wood", "Water"), ("Paper", "Water"), ("Oil", "Foam")]:
        page.get_by_label(prompt).select_option(match)
    page.get_by_label("Your answer, a number").press_sequentially("12,9")
    page.get_by_label("Your answer", exact=True).press_sequentially("fire brigade")
    saved = page.locator(".answer-state", has_text="✓")
    expect(saved).to_have_count(4)
    page = visit("quiz")
    expect(order.locator("bdi")).to_have_text(["Alarm", "Leave", "Meet", "Report"])
    expect(page.get_by_label("Your answer, a number")).to_have_value("12,9")
    expect(page.locator("#answered")).to_have_text("4 of 6 answered")
    quiz = content(course, "quiz")
    order_question = quiz.questions.get(code="order")
    stored = QuizAttempt.objects.get().answers[str(order_question.pk)][1]
    assert stored == right_answers(quiz)["order"]
