"""A quiz in a real browser: no answer is lost, and nothing is decided for the learner."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from progress.catalogue import course_document, replace_course
from progress.ingest.refold import refold_course
from progress.models import QuizAnswer, QuizAttempt
from tests.browser.learning import SAVED, answer, submit
from tests.factories import content

from .learning import eventually, progress_of

pytestmark = pytest.mark.django_db(transaction=True)


def question(page, number):
    return page.locator("fieldset").nth(number - 1)


def state_of(page, number):
    return question(page, number).locator(".answer-state")


def stored(course, code):
    """The answer to a question in the last attempt, as (revision, texts)."""
    asked = content(course, "quiz").questions.get(code=code)
    revision, choices = QuizAttempt.objects.latest("number").answers[str(asked.pk)]
    texts = asked.choices.filter(pk__in=choices).values_list("text", flat=True)
    return revision, sorted(texts)


# --- Saving ---------------------------------------------------------------------------------------
def test_each_answer_is_saved_at_once_and_found_again(visit, course):
    page = visit("quiz")
    answer(page, "Water", "A lid", "Leave", "Close doors")
    expect(page.locator("#answered")).to_have_text("2 of 2 answered")
    visit("quiz")
    expect(page.get_by_label("A lid")).to_be_checked()
    expect(page.get_by_label("Close doors")).to_be_checked()
    expect(page.locator("#answered")).to_have_text("2 of 2 answered")
    assert stored(course, "oil") == (2, ["A lid"])


def test_an_answer_given_right_before_the_page_is_left_is_not_lost(visit, page, course):
    visit("quiz")
    # The second and third wait for the first, which never arrives.
    held = []
    page.route("**/update_progress", lambda route: held.append(route))
    for name in ["Leave", "Close doors", "Wait"]:
        page.get_by_label(name).check()
    expect(state_of(page, 2)).to_have_text("Saving…")
    page.unroute_all(behavior="ignoreErrors")
    page.goto("about:blank")
    eventually(page, lambda: QuizAttempt.objects.exists() and len(stored(course, "alarm")[1]) == 3)


def test_an_answer_given_offline_is_kept_and_saved_later(visit, context, course):
    page = visit("quiz")
    context.set_offline(True)
    page.get_by_label("A lid").check()
    expect(page.locator("#saved")).to_have_text("Offline, saved on this device")
    expect(state_of(page, 1)).to_have_text("Saving…")
    context.set_offline(False)
    expect(state_of(page, 1)).to_have_text(SAVED)
    assert stored(course, "oil") == (1, ["A lid"])


def test_time_at_a_question_counts_for_it_and_for_the_attempt(visit, course):
    page = visit("quiz")
    answer(page, "A lid")
    page.get_by_label("Leave").focus()
    page.wait_for_timeout(1500)
    page.goto("about:blank")
    asked = str(content(course, "quiz").questions.get(code="alarm").pk)
    eventually(page, lambda: QuizAttempt.objects.get().question_ms.get(asked, 0) >= 1400)
    assert QuizAttempt.objects.get().time_ms >= 1400
    assert progress_of(course, "quiz").view_count == 1


# --- Two windows ----------------------------------------------------------------------------------
@pytest.fixture
def conflict(visit, context, page):
    """A second window whose answer conflicts with the first."""
    visit("quiz")
    other = context.new_page()
    visit("quiz", page=other)
    answer(page, "A lid")
    other.get_by_label("Water").check()
    expect(other.locator(".conflict")).to_be_visible()
    return other


def test_two_answers_are_both_shown_and_nothing_is_decided(conflict, course):
    expect(conflict.locator("[data-here]")).to_have_text("Water")
    expect(conflict.locator("[data-there]")).to_have_text("A lid")
    expect(state_of(conflict, 1)).to_have_text("Not saved yet: choose which answer counts.")
    assert stored(course, "oil") == (1, ["A lid"])
    submit(conflict)
    expect(conflict.locator("#result")).to_have_text(
        "First choose which answer counts in question 1."
    )
    assert QuizAttempt.objects.get().submitted_at is None


def test_the_own_answer_can_be_kept(conflict, course):
    conflict.get_by_role("button", name="Keep this one").click()
    expect(state_of(conflict, 1)).to_have_text(SAVED)
    expect(conflict.locator(".conflict")).to_have_count(0)
    assert stored(course, "oil") == (2, ["Water"])
    kept = QuizAnswer.objects.values_list("revision", "is_conflict").order_by("pk")
    assert list(kept) == [(1, False), (1, True), (2, False)]


def test_the_other_answer_can_be_used(conflict, course):
    conflict.get_by_role("button", name="Use the other").click()
    expect(conflict.get_by_label("A lid")).to_be_checked()
    expect(state_of(conflict, 1)).to_have_text(SAVED)
    assert stored(course, "oil") == (1, ["A lid"])


def test_choosing_another_answer_resolves_a_conflict(conflict, course):
    answer(conflict, "A lid")
    expect(conflict.locator(".conflict")).to_have_count(0)
    assert stored(course, "oil") == (2, ["A lid"])


def test_a_conflict_behind_another_question_can_be_found(conflict):
    conflict.get_by_role("button", name="One at a time").click()
    conflict.get_by_role("button", name="Question 2").click()
    expect(conflict.locator(".conflict")).to_be_hidden()
    conflict.get_by_role("button", name="Question 1, choose which answer counts").click()
    conflict.get_by_role("button", name="Use the other").click()
    expect(conflict.get_by_role("button", name="Question 1, answered")).to_be_visible()


def test_the_same_answer_in_two_windows_is_no_conflict(visit, context, page, course):
    visit("quiz")
    other = context.new_page()
    visit("quiz", page=other)
    answer(page, "A lid")
    answer(other, "A lid")
    expect(other.locator(".conflict")).to_have_count(0)
    answer(other, "Water")
    assert stored(course, "oil") == (2, ["Water"])


def test_an_attempt_submitted_in_another_window_takes_no_more_answers(visit, context, page):
    visit("quiz")
    other = context.new_page()
    visit("quiz", page=other)
    answer(page, "A lid", "Leave")
    submit(page)
    expect(page.locator("#review")).to_contain_text("Attempt 1: 50 %")
    other.get_by_label("Water").check()
    expect(other.locator("#result")).to_contain_text("This attempt was submitted in another window")
    expect(other.get_by_label("Leave")).to_be_disabled()
    assert QuizAttempt.objects.count() == 1
    other.get_by_role("link", name="View it").click()
    expect(other.locator("#review")).to_contain_text("Attempt 1: 50 %")


# --- Navigation -----------------------------------------------------------------------------------
def test_questions_come_all_or_one_at_a_time_as_this_device_remembers(visit):
    page = visit("quiz")
    expect(page.locator("fieldset:visible")).to_have_count(2)
    page.get_by_role("button", name="One at a time").click()
    expect(page.locator("fieldset:visible")).to_have_count(1)
    expect(question(page, 1)).to_be_visible()
    answer(page, "A lid")
    expect(page.get_by_role("button", name="Question 1, answered")).to_be_visible()
    page.get_by_role("button", name="Next question").click()
    expect(question(page, 2)).to_be_visible()
    expect(page.get_by_label("Leave")).to_be_focused()
    expect(page.get_by_role("button", name="Next question")).to_be_disabled()
    page.get_by_role("button", name="Previous").click()
    expect(question(page, 1)).to_be_visible()
    visit("quiz")
    # Still one at a time, and at the first that has no answer.
    expect(page.locator("fieldset:visible")).to_have_count(1)
    expect(question(page, 2)).to_be_visible()
    page.get_by_role("button", name="All questions").click()
    visit("quiz")
    expect(page.locator("fieldset:visible")).to_have_count(2)


def test_a_quiz_can_be_done_by_keyboard_alone(visit, course):
    page = visit("quiz")
    page.get_by_role("button", name="One at a time").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # on the first question's number: focuses the question
    page.keyboard.press("2")
    expect(state_of(page, 1)).to_have_text(SAVED)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Leave")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_label("A lid")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.keyboard.press("2")
    expect(state_of(page, 2)).to_have_text(SAVED)
    assert QuizAttempt.objects.get().submitted_at is None
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#review")).to_contain_text("Attempt 1: 100 %, passed")


# --- Submitting -----------------------------------------------------------------------------------
def test_missing_answers_are_asked_for_once(visit):
    page = visit("quiz")
    submit(page)
    expect(page.locator("#result")).to_have_text("Answer at least one question first.")
    answer(page, "A lid")
    submit(page)
    expect(page.locator("#ask")).to_contain_text("Question 2 has no answer yet.")
    assert QuizAttempt.objects.get().submitted_at is None
    page.get_by_role("button", name="Answer the rest").click()
    expect(page.get_by_label("Leave")).to_be_focused()
    expect(page.locator("#ask")).to_be_hidden()
    submit(page)
    page.get_by_role("button", name="Submit anyway").click()
    expect(page.locator("#review")).to_contain_text("Attempt 1: 50 %, not passed yet")
    expect(page.locator(".reviewed > li").nth(1)).to_contain_text("Not answered")


def test_a_pass_completes_and_is_reviewed(visit, course):
    page = visit("quiz")
    answer(page, "A lid", "Leave", "Close doors")
    submit(page)
    expect(page.locator("#review")).to_have_text("Attempt 1: 100 %, passed")
    expect(page.locator(".below [data-state]")).to_have_text("Complete")
    first = page.locator(".reviewed > li").first
    expect(first).to_contain_text(re.compile(r"A lid\s+Your answer\s+Correct answer"))
    attempt = QuizAttempt.objects.get()
    assert (attempt.number, attempt.score_bp) == (1, 10000)
    assert progress_of(course, "quiz").completed_at is not None


@pytest.fixture
def submissions(visit, page):
    """A list of held requests that submit a quiz."""
    visit("quiz")
    answer(page, "A lid", "Leave", "Close doors")
    held = []

    def hold_submission(route):
        is_one = '"submit"' in (route.request.post_data or "")
        held.append(route) if is_one else route.continue_()

    page.route("**/update_progress", hold_submission)
    submit(page)
    eventually(page, lambda: held)
    return held


def test_a_late_answer_does_not_redirect_a_learner_who_left(submissions, page, course, site):
    """The course's page is already loading when the answer to the submission arrives."""
    address, pages = f"{site}/courses/{course.pk}/", []
    page.route(address, lambda route: pages.append(route))
    page.get_by_role("link", name=course.title).first.click(no_wait_after=True)
    eventually(page, lambda: pages)
    with page.expect_response("**/update_progress"):
        submissions[0].continue_()
    eventually(page, lambda: QuizAttempt.objects.get().submitted_at)
    pages[0].continue_()
    expect(page.locator(".big-bar [data-percent]")).to_be_visible()
    assert page.url == address
    assert QuizAttempt.objects.get().score_bp == 10_000


def test_a_learner_who_stays_sees_that_it_was_submitted(submissions, page):
    """As with a download: the page isn't left although a navigation began."""
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    submissions[0].continue_()
    expect(page.locator("#result")).to_have_text("Submitted View it")
    page.get_by_role("link", name="View it").click()
    expect(page.locator("#review")).to_contain_text("Attempt 1: 100 %")


def test_a_learner_can_retry_up_to_the_maximum_attempts(visit, page, course):
    document = course_document(course, is_author=True)
    document["modules"][0]["contents"][3]["max_attempts"] = 2
    replace_course(document)
    visit("quiz")
    answer(page, "Water", "Leave", "Close doors")
    submit(page)
    expect(page.locator("#review")).to_have_text("Attempt 1: 50 %, not passed yet")
    expect(page.locator(".reviewed > li").first).to_contain_text("Incorrect")
    expect(page.locator(".tag-right")).to_have_count(0)
    expect(page.locator(".again")).to_contain_text("1 attempt left")
    with page.expect_response("**/start_session"):
        page.get_by_role("link", name="Try again").click()
    expect(page.get_by_label("Leave")).not_to_be_checked()
    assert QuizAttempt.objects.count() == 1
    answer(page, "Water", "Wait")
    submit(page)
    expect(page.locator("#review")).to_have_text("Attempt 2: 0 %, not passed yet")
    expect(page.locator(".again")).to_contain_text("All 2 attempts have been used.")
    expect(page.get_by_role("link", name="Try again")).to_have_count(0)
    # After the last attempt the right answers are shown.
    expect(page.locator(".reviewed > li").first).to_contain_text(
        re.compile(r"A lid\s+Correct answer")
    )
    page.get_by_role("link", name="Attempt 1").click()
    expect(page.locator("#review")).to_have_text("Attempt 1: 50 %, not passed yet")


# --- Without a script -----------------------------------------------------------------------------
def test_without_scripts_the_questions_are_readable_and_say_what_is_needed(
    browser, context, learner, course, site
):
    plain = browser.new_context(
        java_script_enabled=False, storage_state=context.storage_state(), locale="en"
    )
    page = plain.new_page()
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'quiz').pk}/")
    expect(page.locator("#stage noscript .notice")).to_be_visible()
    expect(page.get_by_text("Oil burns. What puts it out?")).to_be_visible()
    expect(page.get_by_label("A lid")).to_be_disabled()
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    expect(page.get_by_role("button", name="One at a time")).to_be_hidden()
    plain.close()


# --- Answered and passed --------------------------------------------------------------------------
def test_a_complete_course_page_never_explains_why_it_is_not_100(
    visit, context, course, site, page
):
    learner = page  # the page of the quiz
    visit("quiz")
    outline = context.new_page()
    outline.goto(f"{site}/courses/{course.pk}/")
    why = outline.get_by_role("heading", name=re.compile("Why it is"))
    answer(learner, "Water", "Leave", "Close doors")
    submit(learner)
    expect(learner.locator(".below")).to_contain_text(
        "2 of 2 answered, not passed: 50 %, 100 % needed"
    )
    entry = outline.locator("[data-part=outline] li", has_text="What would you do?")
    expect(entry).to_contain_text("2 of 2 answered, not passed: 50 %, 100 % needed")
    expect(entry.locator("[data-percent]")).to_have_text("2/2")
    percent = outline.locator(".big-bar [data-percent]").inner_text()
    expect(why).to_have_text(f"Why it is {percent} and not 100 %")
    # From here on, record each state of the page.
    outline.evaluate(
        """() => {
            window.seen = [];
            const look = () => {
                const whole = document.querySelector(".big-bar [data-percent]").textContent;
                const why = [...document.querySelectorAll("[data-part=why] h2")];
                const isSaid = why.some((each) => /Why it is/.test(each.textContent) &&
                    each.checkVisibility());
                window.seen.push(`${whole} ${isSaid ? "why" : "done"}`);
            };
            new MutationObserver(look).observe(document.body, {
                subtree: true, childList: true, characterData: true, attributes: true,
            });
        }"""
    )
    # With the focus gone from the list, it is updated.
    outline.locator(".why a").first.focus()
    _complete_course(course)
    expect(outline.locator(".big-bar [data-percent]")).to_have_text("100 %")
    expect(why).to_be_hidden()
    seen = outline.evaluate("window.seen")
    assert "100 % why" not in seen
    assert "100 % done" in seen


def _complete_course(course):
    """The author waives all but the quiz, and lowers the pass mark: then it is passed."""
    document = course_document(course, is_author=True)
    for module in document["modules"]:
        for each in module["contents"]:
            each["required"] = each["code"] == "quiz"
            if each["code"] == "quiz":
                each["pass_percentage"] = 50
    replace_course(document, course=course)
    refold_course(course.pk, now=timezone.now())
