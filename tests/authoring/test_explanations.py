"""Authors explain questions and choices, and say where each is taught."""

import pytest

from authoring import drafting, outline
from authoring.models import Draft
from progress.models import Course, Question, QuizAttempt
from tests.factories import a_session, content, report
from tests.support.callers import api

pytestmark = pytest.mark.django_db
QUIZ = {"module": "check", "content": "quiz"}


@pytest.fixture
def send(course, author, sign_in):
    window = sign_in(author)

    def action(name: str = "save-question", **values):
        number = drafting.shown(course).number
        values = {"question": "q1", "text": "Question 1?"} | values
        texts = {f"choice-{at}": text for at, text in enumerate(["right", "wrong", "also right"])}
        correct = {"correct-0": "on", "correct-2": "on"}
        address = f"/authoring/courses/{course.pk}/{name}/"
        return window.post(address, {"number": number} | QUIZ | texts | correct | values)

    return action


def stored(course) -> dict:
    [quiz] = drafting.shown(course).document["modules"][2]["contents"]
    return quiz["questions"][0]


def publish(course, author) -> None:
    drafting.publish(course, author, drafting.shown(course).number)


def test_an_author_explains_a_question_and_publishes_it(course, author, send):
    send(
        explanation="Fire needs air.\r\nSo close the door.",
        **{"explanation-1": "It feeds the fire.", "taught-in": "video", "taught-at": "0:45"},
    )
    publish(course, author)
    question = Question.objects.get(content=content(course, "quiz"), code="q1")
    assert question.explanation == "Fire needs air.\nSo close the door."
    assert (question.taught_in, question.taught_at) == (content(course, "video"), 45)
    explained = question.choices.values_list("text", "explanation")
    assert dict(explained)["wrong"] == "It feeds the fire."
    assert dict(explained)["right"] == ""


@pytest.mark.parametrize(
    ("place", "wanted"),
    [("95", 95), ("1:35", 95), ("1:00:05", 3605), ("", None)],
)
def test_a_place_is_written_as_people_do(course, send, place, wanted):
    send(**{"taught-in": "audio", "taught-at": place})
    assert (stored(course)["taught_in"], stored(course)["taught_at"]) == ("audio", wanted)


@pytest.mark.parametrize(
    "values",
    [
        {"explanation": "x" * 5001},
        {"explanation-1": "x" * 5001},
        {"taught-in": "audio", "taught-at": "in the middle"},
    ],
)
def test_what_can_not_be_saved_changes_nothing(course, send, values):
    before = stored(course)
    send(**values)
    assert stored(course) == before


def test_a_place_that_is_not_there_stands_in_the_way_of_publishing(course, send):
    send(**{"taught-in": "video", "taught-at": "61"})
    refused = send("publish")
    assert refused.status_code == 400
    assert "Question 1: choose again where it is taught" in refused.content.decode()


def test_the_editor_shows_what_was_written(course, author, send, sign_in):
    send(explanation="Because of air", **{"explanation-1": "Not quite", "taught-in": "pages"})
    address = f"/authoring/courses/{course.pk}/content/?module=check&content=quiz"
    page = sign_in(author).get(address).content.decode()
    assert "Because of air</textarea>" in page
    assert "Not quite</textarea>" in page
    assert '<option value="pages" selected>' in page
    assert '<option value="quiz"' not in page


def test_a_new_explanation_changes_no_answer_no_score_and_no_version(course, author, send):
    quiz = content(course, "quiz")
    session = a_session(course)
    question = quiz.questions.get(code="q1")
    right = [choice.pk for choice in question.choices.all() if choice.is_correct]
    events = [
        {"interaction_type": "answer", "question_id": question.pk, "answer": right},
        {"interaction_type": "submit"},
    ]
    report(session, *({"content_id": quiz.pk} | each for each in events), now=session.start_time)
    before = QuizAttempt.objects.values().get(), Course.objects.get().structure_version
    send(explanation="Another one", **{"taught-in": "pages", "taught-at": "4"})
    publish(course, author)
    assert Question.objects.get(pk=question.pk).explanation == "Another one"
    assert (QuizAttempt.objects.values().get(), Course.objects.get().structure_version) == before


def test_a_lesson_that_is_removed_or_copied_keeps_no_broken_link(course, send):
    send(**{"taught-in": "video", "taught-at": "5"})
    document = drafting.shown(course).document
    without = outline.remove_content(document, ("see", "video"))
    question = without["modules"][2]["contents"][0]["questions"][0]
    assert (question["taught_in"], question["taught_at"]) == (None, None)
    copied = outline.duplicate_module(document, "check", "Again")
    assert copied["modules"][3]["contents"][0]["questions"][0]["taught_in"] == "video"


def test_a_draft_from_before_a_field_existed_is_published(course, author, send):
    send(text="Question one?")
    first = Draft.objects.get().versions.get(number=0)
    for question in first.document["modules"][2]["contents"][0]["questions"]:
        for name in ("explanation", "taught_in", "taught_at"):
            del question[name]
    first.save()
    publish(course, author)
    assert Question.objects.filter(text="Question one?").exists()


def test_a_draft_is_still_not_published_over_another_s_change(course, author, send):
    send(text="Question one?")
    Question.objects.filter(code="q2").update(explanation="Written elsewhere")
    with pytest.raises(drafting.ChangedElsewhere):
        publish(course, author)


@pytest.mark.parametrize(
    ("values", "attr"),
    [
        ({"taught_in": "nothing"}, "taught_in"),
        ({"taught_in": "quiz"}, "taught_in"),
        ({"taught_at": 4}, "taught_at"),
        ({"taught_in": "video", "taught_at": 61}, "taught_at"),
        ({"taught_in": "pages", "taught_at": 11}, "taught_at"),
        ({"taught_in": "pages", "taught_at": 0}, "taught_at"),
        ({"taught_in": "text", "taught_at": 0}, "taught_at"),
        ({"taught_in": "video", "taught_at": "5"}, "taught_at"),
        ({"explanation": "x" * 5001}, "explanation"),
        ({"explanations": "x"}, "explanations"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(course, author, values, attr):
    client = api(author)
    document = client.get(f"/api/courses/{course.pk}/").json()
    document["modules"][2]["contents"][0]["questions"][0] |= values
    refused = client.put(f"/api/courses/{course.pk}/", document)
    assert refused.status_code == 400
    path = f"modules.2.contents.0.questions.0.{attr}"
    assert [each["attr"] for each in refused.json()["errors"]] == [path]


def test_an_accepted_answer_has_no_explanation_of_its_own(course, author):
    client = api(author)
    document = client.get(f"/api/courses/{course.pk}/").json()
    question = {"code": "n", "question_type": "numeric", "text": "How many?"}
    question["choices"] = [{"text": "12", "explanation": "A dozen"}]
    document["modules"][2]["contents"][0]["questions"].append(question)
    refused = client.put(f"/api/courses/{course.pk}/", document)
    path = "modules.2.contents.0.questions.4.choices.0.explanation"
    assert [each["attr"] for each in refused.json()["errors"]] == [path]


def test_a_document_with_explanations_comes_back_and_changes_nothing(course, author):
    client = api(author)
    document = client.get(f"/api/courses/{course.pk}/").json()
    question = document["modules"][2]["contents"][0]["questions"][0]
    question |= {"explanation": "So", "taught_in": "text", "taught_at": 3}
    question["choices"][1]["explanation"] = "Not so"
    after = client.put(f"/api/courses/{course.pk}/", document).json()
    assert after == document
