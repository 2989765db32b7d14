"""The page of a quiz before any script runs: questions, review, attempts, and what it hides."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.catalogue import course_document, replace_course
from tests.factories import a_course_of, a_learner, a_session, content, enrolled, report

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)  # the next day in Berlin


def a_quiz(questions=4, **changes):
    """A course of one quiz; the choices "yes" and "and yes" of each question are right."""
    return a_course_of(
        {
            "code": "quiz",
            "title": "What to do",
            "content_type": "quiz",
            "pass_percentage": 75,
            "questions": [
                {
                    "code": f"q{number}",
                    "text": f"Question number {number}?",
                    "choices": [
                        {"text": f"yes {number}", "correct": True},
                        {"text": f"no {number}"},
                        {"text": f"and yes {number}", "correct": True},
                    ],
                }
                for number in range(1, questions + 1)
            ],
            **changes,
        }
    )


class Sitting:
    """A learner at a quiz."""

    def __init__(self, client, course):
        self.client, self.course = client, course
        self.learner = a_learner(course, time_zone="Europe/Berlin")
        client.force_login(self.learner)
        self.session = a_session(course, self.learner, now=NOON)
        self.quiz = content(course, "quiz")
        self.minutes = 0

    def answer(self, *numbers, right=True, **fields):
        self.report(
            *(
                {
                    "interaction_type": "answer",
                    "question_id": question.pk,
                    "answer": [c.pk for c in question.choices.all() if c.is_correct == right],
                    "duration_seconds": 20,
                    **fields,
                }
                for question in self.quiz.questions.filter(code__in=[f"q{n}" for n in numbers])
            )
        )

    def submit(self):
        self.report({"interaction_type": "submit"})

    def report(self, *events):
        self.minutes += 5
        reported = [{"content_id": self.quiz.pk, **event} for event in events]
        receipt = report(self.session, *reported, now=NOON + timedelta(minutes=self.minutes))
        assert {outcome.status for outcome in receipt.outcomes} == {"accepted"}

    def page(self, query=""):
        answer = self.client.get(f"/courses/{self.course.pk}/contents/{self.quiz.pk}/{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    def said(self, query=""):
        # Only the content itself is tested here, not the rail beside it.
        markup = re.sub(
            r"<(noscript|template|nav|script).*?</\1>", " ", self.page(query), flags=re.S
        )
        markup = re.sub(r"<progress.*?</progress>", " ", markup)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


@pytest.fixture
def sit(client):
    def sit(**changes):
        return Sitting(client, a_quiz(**changes))

    return sit


def test_a_quiz_that_is_not_passed_has_no_percentage(sit):
    """Half of it is for answering, so that it would look like a score that passes."""
    sitting = sit()
    for number, shown in [(1, "1/4"), (2, "2/4"), (3, "3/4"), (4, "4/4")]:
        sitting.answer(number, right=number > 1)
        pages = [sitting.client.get(f"/courses/{sitting.course.pk}/").content.decode()]
        for page in [*pages, sitting.page()]:
            assert f'<span class="number" data-percent>{shown}</span>' in page
            assert 'aria-hidden="true">' + shown + "</progress>" in page
    sitting.submit()
    assert '<span class="number" data-percent>100 %</span>' in sitting.page()


# --- Answering ------------------------------------------------------------------------------------
def test_the_questions_can_be_read_without_a_script(sit):
    sitting = sit(max_attempts=3)
    page = sitting.page()
    assert "Answering needs JavaScript" in page
    for number in range(1, 5):
        assert f"Question number {number}?" in page
        assert f"and yes {number}" in page
    # No buttons that would do nothing.
    assert page.count("<fieldset data-question") == len(
        re.findall(r"<fieldset[^>]* disabled>", page)
    )
    assert re.search(r'<button class="submit" disabled>', page)
    assert "Attempt 1 of 3 75 % to pass" in sitting.said()


def test_a_returning_learner_finds_their_answers(sit):
    sitting = sit()
    assert " checked" not in sitting.page()
    sitting.answer(2)
    page = sitting.page()
    checked = re.findall(r"checked> <bdi>([^<]+)<", page)
    assert checked == ["yes 2", "and yes 2"]
    assert "Started May 5, 2026, 12:3" in sitting.said()
    assert "20 s so far" in sitting.said()


def test_the_quiz_page_reveals_no_answers(sit):
    sitting = sit(questions=2)
    sitting.answer(1, right=False)
    page = sitting.page()
    assert "Correct answer" not in page
    assert "is_correct" not in page
    data = {re.sub(r"\d+", "", label) for label in re.findall(r"<label>(.*?)<bdi>", page)}
    # All choices look the same, except for their numbers and what was chosen.
    assert len({label.replace(" checked", "") for label in data}) == 1


# --- Reviewing ------------------------------------------------------------------------------------
def test_a_review_marks_right_answers_and_reveals_no_others(sit):
    sitting = sit()
    sitting.answer(1)
    sitting.answer(2, right=False)
    sitting.submit()
    text = sitting.said()
    assert "Attempt 1: 25 %, not passed yet 1 of 4 correct 75 % needed" in text
    assert "Submitted May 5, 2026, 12:45 a.m. 40 s spent" in text
    assert "1. Question number 1? Correct 20 s yes 1 Your answer no 1 and yes 1 Your answer" in text
    assert "2. Question number 2? Incorrect 20 s yes 2 no 2 Your answer and yes 2" in text
    assert "3. Question number 3? Not answered yes 3 no 3 and yes 3" in text
    assert "Correct answer" not in text
    assert "The correct answers are shown once you pass." in text
    assert "Try again" in text


def test_after_a_pass_the_right_answers_are_shown(sit):
    sitting = sit()
    sitting.answer(1, 2, 3)
    sitting.submit()
    text = sitting.said()
    assert "Attempt 1: 75 %, passed 3 of 4 correct" in text
    assert "You have completed “Fire safety”. Well done." in text
    assert (
        "4. Question number 4? Not answered yes 4 Correct answer no 4 and yes 4 Correct answer"
        in text
    )
    assert "The correct answers are shown" not in text


def test_after_the_last_attempt_the_right_answers_are_shown_and_nothing_is_left(sit):
    sitting = sit(max_attempts=2)
    for left in ("1 attempt left", "All 2 attempts have been used."):
        sitting.answer(1, right=False)
        sitting.submit()
        assert left in sitting.said()
    text = sitting.said()
    assert "Attempt 2: 0 %, not passed yet" in text
    assert "yes 1 Correct answer no 1 Your answer and yes 1 Correct answer" in text
    assert "Try again" not in text
    # Requesting another one changes nothing.
    assert "Attempt 2: 0 %, not passed yet" in sitting.said("?again")
    assert '<form id="quiz"' not in sitting.page("?again")


def test_an_author_may_allow_fewer_attempts_later(sit):
    sitting = sit(max_attempts=3)
    for _ in range(2):
        sitting.answer(1, right=False)
        sitting.submit()
    sitting.quiz.max_attempts = 1
    sitting.quiz.save()
    sitting.course.structure_version += 1
    sitting.course.save()
    text = sitting.said("?again")
    assert "Your one attempt has been used." in text
    assert "Attempt 2: 0 %" in text


def test_a_quiz_without_a_mark_to_reach_is_just_scored(sit):
    sitting = sit(pass_percentage=None)
    sitting.answer(1)
    sitting.submit()
    text = sitting.said()
    assert "Attempt 1: 25 % 1 of 4 correct Submitted" in text
    assert "needed" not in text
    assert "Correct answer" in text


def test_a_score_is_never_rounded_up(sit):
    sitting = sit(questions=3, pass_percentage=67)
    sitting.answer(1, 2)
    sitting.submit()
    assert "Attempt 1: 66 %, not passed yet" in sitting.said()


def test_what_falls_short_of_the_pass_mark_never_looks_like_it(sit):
    sitting = sit(questions=3, pass_percentage=66.67)
    sitting.answer(1, 2)
    sitting.submit()
    said = sitting.said()
    assert "Attempt 1: 66.66 %, not passed yet" in said
    assert "66.67 % needed" in said
    assert "2 of 3 answered, not passed: 66.66 %, 66.67 % needed" in said


def test_answered_and_passed_are_shown_separately(sit):
    sitting = sit(questions=5, pass_percentage=80)
    sitting.answer(1)
    assert "1 of 5 answered, not submitted yet" in sitting.said()
    sitting.answer(2, 3, 4, 5, right=False)
    sitting.submit()
    assert "5 of 5 answered, not passed: 20 %, 80 % needed" in sitting.said()


def test_another_attempt_begins_with_its_first_answer(sit):
    sitting = sit()
    sitting.answer(1)
    sitting.submit()
    page = sitting.page("?again")
    assert '<form id="quiz"' in page
    assert " checked" not in page
    assert "Attempt 2" in sitting.said("?again")
    # Viewing the page began nothing.
    assert "Attempt 1: 25 %" in sitting.said()
    sitting.answer(3)
    assert '<form id="quiz"' in sitting.page()
    assert "Continue attempt 2" in sitting.said("?attempt=1")


def test_all_attempts_are_listed_the_newest_first(sit):
    sitting = sit()
    sitting.answer(1)
    sitting.submit()
    sitting.answer(1, 2, right=True)
    sitting.submit()
    rows = re.findall(r"<tr.*?</tr>", sitting.page(), re.S)
    texts = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]
    assert texts[1:] == [
        "Attempt 2 May 5, 2026, 12:50 a.m. 50 % 2 of 4 40 s",
        "Attempt 1 May 5, 2026, 12:40 a.m. 25 % 1 of 4 20 s",
    ]
    assert "Attempt 1: 25 %" in sitting.said("?attempt=1")


@pytest.mark.parametrize("query", ["?attempt=2", "?attempt=", "?attempt=x", "?attempt=-1"])
def test_an_attempt_that_is_not_there_is_not_shown(sit, query):
    sitting = sit()
    sitting.answer(1)
    assert '<form id="quiz"' in sitting.page(query)


def test_nobody_elses_attempts_are_shown(sit, client):
    sitting = sit()
    sitting.answer(1)
    sitting.submit()
    other = a_learner(sitting.course)
    client.force_login(other)
    assert "Your attempts" not in sitting.page()
    assert '<form id="quiz"' in sitting.page("?attempt=1")


def test_a_quiz_that_changed_since_says_so_and_keeps_the_score(sit):
    sitting = sit(questions=2)
    sitting.answer(1)
    sitting.submit()
    document = course_document(sitting.course, is_author=True)
    questions = document["modules"][0]["contents"][0]["questions"]
    questions[0] = questions[0] | {"code": "q9", "text": "A new one?", "id": None}
    for question in questions:
        question.pop("id")
        for choice in question["choices"]:
            choice.pop("id")
    replace_course(document)
    text = sitting.said()
    assert "Attempt 1: 50 %" in text
    assert "Question number 1? Correct" in text
    assert "The questions have changed since" in text


def test_forty_questions_and_ten_attempts_cost_as_many_queries_as_one(sit):
    def queries(sitting, query):
        sitting.page(query)
        with CaptureQueriesContext(connection) as captured:
            sitting.page(query)
        return len(captured)

    small, large = sit(questions=1), sit(questions=40)
    for sitting, times in ((small, 1), (large, 10)):
        sitting.client.force_login(sitting.learner)
        enrolled(sitting.learner, sitting.course)
        for _ in range(times):
            sitting.answer(1, right=False)
            sitting.submit()
    for query in ("", "?again"):
        counts = []
        for sitting in (small, large):
            sitting.client.force_login(sitting.learner)
            counts.append(queries(sitting, query))
        assert counts[0] == counts[1] <= 10
