"""Questions are written on the page of their quiz, and keep their identities when corrected."""

import pytest

from authoring import drafting
from progress.models import Choice, Question
from tests.factories import content

pytestmark = pytest.mark.django_db
QUIZ = {"module": "check", "content": "quiz"}


@pytest.fixture
def send(course, author, sign_in):
    window = sign_in(author)

    def action(name: str, **values):
        number = drafting.shown(course).number
        address = f"/authoring/courses/{course.pk}/{name}/"
        return window.post(address, {"number": number} | QUIZ | values)

    return action


def stored(course) -> list[dict]:
    modules = {each["code"]: each for each in drafting.shown(course).document["modules"]}
    return modules["check"]["contents"][0]["questions"]


def choices(*texts: str, correct: tuple[int, ...] = (0,)) -> dict:
    values = {f"choice-{index}": text for index, text in enumerate(texts)}
    return values | {f"correct-{index}": "on" for index in correct}


def publish(course, author) -> None:
    drafting.publish(course, author, drafting.shown(course).number)


def test_a_question_is_added(course, author, send):
    values = choices("Close it", "Leave it open", "", correct=(0,))
    assert send("save-question", question="", text="A fire door?", **values).status_code == 302
    publish(course, author)
    question = Question.objects.get(content=content(course, "quiz"), text="A fire door?")
    assert list(question.choices.values_list("text", "is_correct")) == [
        ("Close it", True),
        ("Leave it open", False),
    ]


def test_a_correction_keeps_every_identity(course, author, send):
    question = Question.objects.get(content=content(course, "quiz"), code="q1")
    before = list(question.choices.values_list("pk", flat=True))
    values = choices("Right", "Wrong", "Also right", correct=(0, 2))
    send("save-question", question="q1", text="Question one?", **values)
    publish(course, author)
    question.refresh_from_db()
    assert question.text == "Question one?"
    active = Choice.objects.active().filter(question=question)
    assert list(active.values_list("pk", "text")) == [
        *zip(before, ("Right", "Wrong", "Also right"), strict=True)
    ]


def test_a_choice_without_a_text_is_removed_and_the_others_stay_themselves(course, send):
    ids = [choice["id"] for choice in stored(course)[0]["choices"]]
    values = choices("right", "", "also right", "new", correct=(0,))
    send("save-question", question="q1", text="Question 1?", **values)
    found = stored(course)[0]["choices"]
    assert [choice.get("id") for choice in found] == [ids[0], ids[2], None]
    assert [choice["correct"] for choice in found] == [True, False, False]


def test_questions_are_moved_and_retired(course, author, send):
    send("move-question", question="q1", to=3)
    send("remove-question", question="q2")
    assert [each["code"] for each in stored(course)] == ["q3", "q4", "q1"]
    publish(course, author)
    assert Question.objects.get(content=content(course, "quiz"), code="q2").retired_at


@pytest.mark.parametrize(
    "values",
    [
        {"text": "  ", "question": "q1"} | choices("a", "b"),
        {"text": "Fine?", "question": "q1"} | choices("x" * 1001, "b"),
        {"text": "Fine?", "question": "gone"} | choices("a", "b"),
        {"text": "Fine?", "question": "", "content": "gone"} | choices("a", "b"),
    ],
)
def test_what_can_not_be_saved_changes_nothing(course, send, values):
    before = stored(course)
    assert send("save-question", **values).status_code == 302
    assert stored(course) == before


def test_an_unfinished_question_stands_in_the_way_of_publishing(course, send):
    send("save-question", question="", text="Which?", **choices("only one"))
    refused = send("publish")
    assert refused.status_code == 400
    assert "Question 5 needs a text, two different choices" in refused.content.decode()


def test_the_page_of_a_quiz_shows_its_questions(course, author, sign_in):
    address = f"/authoring/courses/{course.pk}/content/?module=check&content=quiz"
    page = sign_in(author).get(address).content.decode()
    assert "Question 4?" in page
    assert page.count('name="correct-0" checked') == 4


def saved(send, course, kind: str, question: str = "", **values) -> dict:
    assert (
        send("save-question", question=question, type=kind, text="Q?", **values).status_code == 302
    )
    return stored(course)[-1]


def matches(*texts: str) -> dict:
    return {f"match-{index}": text for index, text in enumerate(texts)}


def test_every_type_of_question_is_written_and_published(course, author, send):
    places = {"place-0": "2", "place-1": "1"}
    saved(send, course, "true_false", **choices("True", "False", correct=()), correct="1")
    saved(send, course, "ordering", **choices("Leave", "Alarm", "", correct=()), **places)
    saved(send, course, "matching", **choices("Oil", "", correct=()), **matches("Foam", "Water"))
    saved(send, course, "numeric", tolerance="0,5", **choices("12.5", "", correct=()))
    saved(send, course, "short_text", **choices("Fire brigade", "112", correct=()))
    publish(course, author)
    made = list(content(course, "quiz").questions.active())[-5:]
    assert [each.question_type for each in made] == [
        "true_false", "ordering", "matching", "numeric", "short_text"
    ]  # fmt: skip
    texts = [[choice.text for choice in each.choices.active()] for each in made]
    assert texts == [
        ["True", "False"], ["Alarm", "Leave"], ["Oil", "Foam", "Water"], ["12.5"],
        ["Fire brigade", "112"],
    ]  # fmt: skip
    assert made[0].choices.get(is_correct=True).text == "False"
    assert made[3].tolerance == "0,5"


def test_a_corrected_match_stays_itself_and_an_exchanged_one_does_not_move(course, send):
    rows = choices("Oil", "Wood", correct=())
    before = saved(send, course, "matching", **rows, **matches("Foan", "Water"))
    codes = {each["text"]: each["code"] for each in before["choices"]}
    again = saved(send, course, "matching", before["code"], **rows, **matches("Foam", "Water"))
    assert {each["text"]: each["code"] for each in again["choices"]} == {
        "Oil": codes["Oil"], "Wood": codes["Wood"], "Foam": codes["Foan"], "Water": codes["Water"]
    }  # fmt: skip
    swapped = saved(send, course, "matching", before["code"], **rows, **matches("Water", "Foam"))
    found = {each["text"]: each for each in swapped["choices"]}
    assert found["Oil"]["match"] == codes["Water"] == found["Water"]["code"]
    assert found["Wood"]["match"] == codes["Foan"] == found["Foam"]["code"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("matching", choices("Oil", correct=()) | matches("")),
        ("numeric", choices("twelve", correct=())),
        ("numeric", choices("12", correct=()) | {"tolerance": "some"}),
    ],
)
def test_what_a_type_can_not_have_changes_nothing(course, send, kind, values):
    before = stored(course)
    send("save-question", question="", type=kind, text="Q?", **values)
    assert stored(course) == before


@pytest.mark.parametrize("kind", ["true_false", "ordering", "matching", "numeric", "short_text"])
def test_an_unfinished_question_of_each_type_says_what_it_needs(course, send, kind):
    saved(send, course, kind, **choices("", "", correct=()))
    refused = send("publish")
    assert refused.status_code == 400
    assert "Question 5 needs" in refused.content.decode()
