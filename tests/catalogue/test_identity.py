"""Questions and choices keep their identity when their author corrects the wording."""

import copy
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.test import APIClient

from progress.catalogue import course_document, replace_course
from progress.importing import KINDS, run
from progress.ingest import regrading
from progress.models import Choice, ContentProgress, Course, QuizAttempt
from tests.factories import (
    NOON,
    a_course_of,
    a_session,
    an_instructor,
    content,
    report,
)

pytestmark = pytest.mark.django_db


def a_quiz(**of_choice):
    return {
        "code": "quiz",
        "content_type": "quiz",
        "pass_percentage": 80,
        "questions": [
            {
                "code": f"q{number}",
                "text": "What puts burning oil out?",
                "choices": [
                    {"text": "A lid", "correct": True, **of_choice.get("lid", {})},
                    {"text": "Water", **of_choice.get("water", {})},
                    {"text": "Oil", **of_choice.get("oil", {})},
                ],
            }
            for number in (1, 2)
        ],
    }


CODED = a_quiz(lid={"code": "lid"}, water={"code": "water"}, oil={"code": "oil"})


class Taken:
    """A course with a quiz, and a learner who chose the lid everywhere."""

    def __init__(self, quiz):
        self.course = a_course_of(quiz)
        self.quiz = content(self.course, "quiz")
        self.session = a_session(self.course)
        self.minute = 0
        for question in self.quiz.questions.all():
            lid = question.choices.get(text="A lid")
            self.report(interaction_type="answer", question_id=question.pk, answer=[lid.pk])

    def report(self, **event):
        self.minute += 1
        event["content_id"] = self.quiz.pk
        receipt = report(self.session, event, now=NOON + timedelta(minutes=self.minute))
        return receipt.outcomes[0].as_payload()

    def submit(self):
        return self.report(interaction_type="submit")["score"]

    @property
    def document(self):
        return course_document(Course.objects.get(pk=self.course.pk), is_author=True)

    def rewrite(self, change, document=None):
        """The author sends the document again, after `change(choices)` of each question."""
        document = copy.deepcopy(document or self.document)
        for question in document["modules"][0]["contents"][0]["questions"]:
            question["choices"] = change(question["choices"]) or question["choices"]
        return replace_course(document, course=Course.objects.get(pk=self.course.pk))


def without(*names):
    """A change that takes these out of a document: `id` from all items, `code` from choices."""

    def strip(value, where=""):
        if isinstance(value, list):
            return [strip(each, where) for each in value]
        if isinstance(value, dict):
            gone = {name for name in names if name == "id" or where == "choices"}
            return {key: strip(each, key) for key, each in value.items() if key not in gone}
        return value

    return strip


def set_text(choices, text, number=0):
    choices[number]["text"] = text


def exchange_texts(choices):
    choices[0]["text"], choices[1]["text"] = choices[1]["text"], choices[0]["text"]


CORRECTIONS = {
    "a full stop": lambda choices: set_text(choices, "A lid."),
    "another wording": lambda choices: set_text(choices, "Cover it with something that fits"),
    "the other order": lambda choices: list(reversed(choices)),
    "texts exchanged": exchange_texts,
    "a new choice in front": lambda choices: [{"text": "A lid of wood"}, *choices],
}


@pytest.mark.parametrize("quiz", [a_quiz(), CODED], ids=["by id", "by id and code"])
@pytest.mark.parametrize("change", CORRECTIONS.values(), ids=CORRECTIONS)
def test_an_item_sent_back_with_its_id_keeps_its_identity(quiz, change):
    taken = Taken(quiz)
    before = set(Choice.objects.values_list("pk", flat=True))
    taken.rewrite(change)
    assert before <= set(Choice.objects.filter(retired_at=None).values_list("pk", flat=True))
    assert taken.submit() == 100


@pytest.mark.parametrize("change", CORRECTIONS.values(), ids=CORRECTIONS)
def test_an_item_with_a_code_keeps_its_identity_without_an_id(change):
    taken = Taken(CODED)
    taken.rewrite(change, without("id")(taken.document))
    assert taken.submit() == 100


@pytest.mark.parametrize(
    "text", ["A  lid", " A lid ", "A\u00a0lid", *map("A lid{}".format, ".…．።။")], ids=ascii
)
def test_a_corrected_keystroke_needs_neither(text):
    taken = Taken(a_quiz())
    taken.rewrite(lambda choices: set_text(choices, text), without("id", "code")(taken.document))
    assert taken.submit() == 100
    assert Choice.objects.exclude(retired_at=None).count() == 0


@pytest.mark.parametrize("text", ["A lit", "A lid of 3 kg", "5", "Sand"])
def test_another_text_without_id_or_code_is_another_choice(text):
    taken = Taken(a_quiz())
    taken.rewrite(lambda choices: set_text(choices, text), without("id", "code")(taken.document))
    # The answer still is the choice that was made, which is no longer offered.
    assert Choice.objects.exclude(retired_at=None).count() == 2
    assert taken.submit() == 0


def test_ambiguous_texts_are_not_matched():
    taken = Taken(a_quiz(water={"text": "A lid."}))

    def respell(choices):
        set_text(choices, "A  lid")
        set_text(choices, "A lid …", 1)

    taken.rewrite(respell, without("id", "code")(taken.document))
    assert Choice.objects.exclude(retired_at=None).count() == 4


def test_a_code_can_be_added_later():
    taken = Taken(a_quiz())

    def give(choices):
        for choice in choices:
            choice["code"] = choice["text"].lower()

    taken.rewrite(give, without("id", "code")(taken.document))
    taken.rewrite(lambda choices: set_text(choices, "Cover it"), without("id")(taken.document))
    assert taken.submit() == 100


def test_a_code_can_change_with_the_same_id_and_two_can_be_exchanged():
    taken = Taken(CODED)

    def exchange(choices):
        choices[0]["code"], choices[1]["code"] = choices[1]["code"], choices[0]["code"]

    taken.rewrite(exchange)
    document = taken.document
    questions = document["modules"][0]["contents"][0]["questions"]
    questions[0]["code"], questions[1]["code"] = "q2", "q1"
    replace_course(document, course=taken.course)
    assert taken.quiz.questions.count() == 2
    assert taken.submit() == 100
    lids = Choice.objects.filter(question__content=taken.quiz, text="A lid")
    assert list(lids.values_list("code", flat=True)) == ["water"] * 2


def test_a_code_that_is_left_out_stays():
    taken = Taken(CODED)
    document = taken.document
    for question in document["modules"][0]["contents"][0]["questions"]:
        for choice in question["choices"]:
            del choice["code"]
    replace_course(document, course=taken.course)
    choices = Choice.objects.filter(question__content=taken.quiz)
    assert set(choices.values_list("code", flat=True)) == {"lid", "water", "oil"}


def test_corrected_words_change_no_score_no_version_and_no_key():
    taken = Taken(a_quiz())
    assert taken.submit() == 100
    version = Course.objects.get(pk=taken.course.pk).structure_version
    course = taken.rewrite(lambda choices: set_text(choices, "Cover it"))
    assert course.was_changed
    assert course.structure_version == version
    assert regrading.preview(content(course, "quiz")) == []
    assert ContentProgress.objects.get(content=taken.quiz).best_score_bp == 10_000

    # Changing which choice is right does count.
    def turn(choices):
        choices[0]["correct"], choices[1]["correct"] = False, True

    assert taken.rewrite(turn).structure_version == version + 1
    assert [change.score.bp for change in regrading.preview(content(course, "quiz"))] == [0]


def test_the_same_document_again_changes_nothing():
    taken = Taken(CODED)
    assert not replace_course(taken.document, course=taken.course).was_changed


# --- Refused --------------------------------------------------------------------------------------
@pytest.fixture
def author():
    client = APIClient()
    client.force_authenticate(an_instructor(full_name="Ada Author"))
    return client


def refused(author, course, document):
    author.handler._force_user.courses_taught.add(course)
    answer = author.put(f"/api/courses/{course.pk}/", document, format="json")
    assert answer.status_code == 400, answer.json()
    return [(error["attr"], error["detail"]) for error in answer.json()["errors"]]


def _first_question(document: dict) -> dict:
    return document["modules"][0]["contents"][0]["questions"][0]


@pytest.mark.parametrize(
    ("level", "attr"),
    [
        ("question", "modules.0.contents.0.questions.0.id"),
        ("choice", "modules.0.contents.0.questions.0.choices.1.id"),
        ("content", "modules.0.contents.0.id"),
        ("module", "modules.0.id"),
    ],
)
def test_an_id_of_another_course_is_refused_by_name(author, level, attr):
    mine, other = Taken(a_quiz()), Taken(a_quiz())
    items = {
        "module": lambda document: document["modules"][0],
        "content": lambda document: document["modules"][0]["contents"][0],
        "question": _first_question,
        "choice": lambda document: _first_question(document)["choices"][1],
    }
    document = mine.document
    items[level](document)["id"] = items[level](other.document)["id"]
    [(named, detail)] = refused(author, mine.course, document)
    assert named == attr
    assert str(items[level](document)["id"]) in detail
    assert mine.submit() == 100


def test_a_choice_of_another_question_and_an_id_used_twice_are_refused(author):
    taken = Taken(a_quiz())
    document = taken.document
    first, second = document["modules"][0]["contents"][0]["questions"]
    first["choices"][0]["id"] = second["choices"][0]["id"]
    [(attr, _)] = refused(author, taken.course, document)
    assert attr == "modules.0.contents.0.questions.0.choices.0.id"
    first["choices"][0]["id"] = first["choices"][1]["id"]
    [(attr, _)] = refused(author, taken.course, document)
    assert attr == "modules.0.contents.0.questions.0.choices.1.id"


def test_a_question_stays_in_its_quiz(author):
    course = a_course_of(a_quiz(), a_quiz() | {"code": "other"})
    document = course_document(course, is_author=True)
    first, second = document["modules"][0]["contents"]
    second["questions"].append(first["questions"].pop() | {"code": "q9"})
    [(attr, detail)] = refused(author, course, document)
    assert attr == "modules.0.contents.1.questions.2.id"
    assert "This quiz has no question" in detail


@pytest.mark.parametrize("wrong", ["7", 7.5, True, 0, -1, 2**63, [], {}])
def test_an_id_is_a_whole_number(author, wrong):
    taken = Taken(a_quiz())
    document = taken.document
    document["modules"][0]["contents"][0]["questions"][0]["choices"][0]["id"] = wrong
    [(attr, _)] = refused(author, taken.course, document)
    assert attr == "modules.0.contents.0.questions.0.choices.0.id"


def test_two_choices_have_neither_one_text_nor_one_code(author):
    taken = Taken(CODED)
    for key in ("text", "code"):
        document = taken.document
        choices = document["modules"][0]["contents"][0]["questions"][0]["choices"]
        choices[1][key] = choices[0][key]
        assert refused(author, taken.course, document)


def test_a_code_of_a_retired_choice_isn_t_taken_by_another(author):
    taken = Taken(CODED)
    taken.rewrite(lambda choices: choices[:2])
    document = taken.document
    document["modules"][0]["contents"][0]["questions"][0]["choices"][1]["code"] = "oil"
    [(attr, detail)] = refused(author, taken.course, document)
    assert attr == "modules.0.contents.0.questions.0.choices.1.code"
    assert "'oil'" in detail


def test_a_retired_choice_comes_back_by_its_id_code_or_text():
    for quiz, strip in [(a_quiz(), without()), (CODED, without("id")), (a_quiz(), without("id"))]:
        taken = Taken(quiz)
        whole = taken.document
        ids = set(Choice.objects.filter(question__content=taken.quiz).values_list("pk", flat=True))
        taken.rewrite(lambda choices: choices[:2])
        replace_course(strip(whole), course=taken.course)
        active = Choice.objects.filter(question__content=taken.quiz, retired_at=None)
        assert set(active.values_list("pk", flat=True)) == ids
        assert taken.submit() == 100


# --- Files, commands and learners -----------------------------------------------------------------
def import_csv(course, cells):
    head = "course,module,content,question,choices,choice_codes,correct\n"
    rows = [f"{course.code},m,quiz,{question},{cells}\n" for question in ("q1", "q2")]
    return run(KINDS["courses"], (head + "".join(rows)).encode(), by=None, now=NOON)


@pytest.mark.parametrize(
    ("quiz", "cells"),
    [
        (a_quiz(), "Oil|A lid.|Water,,A lid."),
        (a_quiz(), "A lid|Water|Oil,lid|water|oil,A lid"),
        (CODED, "Water|Oil|Cover it,water|oil|lid,Cover it"),
        (CODED, "Sand|Water|Oil|A lid,,A lid"),
    ],
)
def test_a_file_keeps_what_it_corrects(quiz, cells):
    taken = Taken(quiz)
    outcome = import_csv(taken.course, cells)
    assert (outcome.problems, outcome.changed) == ([], 1)
    assert Choice.objects.exclude(retired_at=None).count() == 0
    assert taken.submit() == 100


def test_a_file_names_as_many_codes_as_choices():
    taken = Taken(a_quiz())
    outcome = import_csv(taken.course, "A lid|Water,lid,A lid")
    assert [(each.row, each.column) for each in outcome.problems] == [
        (2, "choice_codes"),
        (3, "choice_codes"),
    ]


def test_the_command_keeps_what_it_corrects(tmp_path):
    taken = Taken(a_quiz())
    document = taken.document
    for question in document["modules"][0]["contents"][0]["questions"]:
        question["choices"][0]["text"] = "Cover it"
    file = tmp_path / "course.json"
    file.write_text(json.dumps(document, cls=DjangoJSONEncoder))
    call_command("import_course", str(file), stdout=StringIO())
    assert taken.submit() == 100


def test_learners_read_ids_and_no_keys():
    taken = Taken(CODED)
    client = APIClient()
    client.force_authenticate(taken.session.user)
    body = client.get(f"/api/courses/{taken.course.pk}/").json()
    question = body["modules"][0]["contents"][0]["questions"][0]
    assert question["choices"][0].keys() == {"id", "code", "text", "image", "image_alt"}


def test_an_attempt_that_is_open_keeps_its_row():
    taken = Taken(a_quiz())
    attempts = QuizAttempt.objects.filter(content=taken.quiz)
    before = attempts.values().get()
    taken.rewrite(CORRECTIONS["another wording"])
    assert attempts.values().get() == before
