"""A quiz's questions in a course document: what each type of question needs."""

from collections import Counter

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from progress.models import Question
from progress.rules import grading

from .fields import Flag, Identity, WholeNumber
from .pictures import alt_field, check_picture, image_field
from .strict import StrictSerializer, check_unique_if_given

Type = Question.Type
MAX_TYPED_CHARACTERS = 200
MAX_EXPLANATION_CHARACTERS = 5000
MAX_POOL_CHARACTERS = 100


class ChoiceDocument(StrictSerializer):
    """A choice is matched by `id`, else by `code`; by its text only where neither is given."""

    id = Identity()
    code = serializers.CharField(
        max_length=100,
        required=False,
        allow_null=True,
        help_text="Optional: with it, the text can be corrected without creating a new choice.",
    )
    text = serializers.CharField(max_length=1000)
    image = image_field()
    image_alt = alt_field()
    correct = Flag(default=False, help_text="Not shown to learners.")
    match = serializers.CharField(
        max_length=100,
        allow_blank=True,
        default="",
        help_text=(
            "Of a matching question: the code of the choice that belongs to this one. Not shown to "
            "learners."
        ),
    )
    explanation = serializers.CharField(
        max_length=MAX_EXPLANATION_CHARACTERS,
        allow_blank=True,
        default="",
        help_text="Why this choice is right or wrong. Learners see it after they submitted.",
    )

    def validate(self, choice):
        check_picture(choice)
        return choice


class QuestionDocument(StrictSerializer):
    """A question is matched by `id`, else by `code`, within its quiz.

    Its `choices` are what a learner chooses from; of an ordering question in the right order, of a
    numeric or short_text one the accepted answers.
    """

    id = Identity()
    code = serializers.CharField(max_length=100)
    question_type = serializers.ChoiceField(
        Type.values,
        allow_null=True,
        default=None,
        help_text="Without it: single or multiple, by how many choices are correct.",
    )
    text = serializers.CharField()
    image = image_field()
    image_alt = alt_field()
    tolerance = serializers.CharField(
        max_length=40,
        allow_blank=True,
        default="",
        help_text="Of a numeric question: by how much an answer may differ, such as 0.5.",
    )
    pool = serializers.CharField(
        max_length=100,
        allow_blank=True,
        default="",
        help_text="One of the quiz's pools: an attempt asks only some of its questions.",
    )
    explanation = serializers.CharField(
        max_length=MAX_EXPLANATION_CHARACTERS,
        allow_blank=True,
        default="",
        help_text="Why the answer is right. Learners see it with the right answer.",
    )
    taught_in = serializers.CharField(
        max_length=100,
        allow_null=True,
        default=None,
        help_text="The code of the content of this course that teaches it.",
    )
    taught_at = WholeNumber(
        allow_null=True,
        default=None,
        min_value=0,
        max_value=1_000_000,
        help_text=(
            "Where in that content: the second of a video or audio, the page of a document, the "
            "paragraph of a text."
        ),
    )
    choices = ChoiceDocument(many=True)

    def validate_choices(self, choices):
        for key in ("id", "code"):
            check_unique_if_given(choices, key)
        return choices

    def validate(self, question):
        check_picture(question)
        kind, choices = question["question_type"], question["choices"]
        _check_texts(choices, by_side=kind == Type.MATCHING)
        _check_tolerance(question)
        _check_explained(question)
        if kind != Type.MATCHING and any(choice["match"] for choice in choices):
            raise _choices_error("Only a matching question has matches.")
        if kind in Question.TYPED:
            _check_accepted(kind, choices)
        elif len(choices) < 2:
            raise _choices_error("A question needs at least two choices.")
        elif kind == Type.MATCHING:
            _check_matches(choices)
        elif kind != Type.ORDERING:
            _check_correct(kind, choices)
        if kind in Question.NOT_CHOSEN:
            for choice in choices:
                choice["correct"] = True  # no choice is wrong where none is chosen
        question["question_type"] = _stored_type(kind, choices)
        return question


def _choices_error(detail: str) -> ValidationError:
    return ValidationError({"choices": [detail]})


def _check_texts(choices: list[dict], *, by_side: bool) -> None:
    texts = [(by_side and bool(choice["match"]), choice["text"]) for choice in choices]
    if len(set(texts)) < len(texts):
        raise _choices_error("Two choices have the same text.")


def _check_tolerance(question: dict) -> None:
    if not question["tolerance"]:
        return
    if question["question_type"] != Type.NUMERIC:
        raise ValidationError({"tolerance": "Only a numeric question has a tolerance."})
    tolerance = grading.number(question["tolerance"])
    if tolerance is None or tolerance < 0:
        raise ValidationError({"tolerance": "Must be a number from 0, such as 0.5."})


def _check_explained(question: dict) -> None:
    if question["taught_at"] is not None and question["taught_in"] is None:
        raise ValidationError({"taught_at": "Say in which content: taught_in."})
    if question["question_type"] not in Question.NOT_CHOSEN:
        return
    for index, choice in enumerate(question["choices"]):
        for name in ("explanation", "image"):
            if choice[name]:
                detail = f"Where nothing is chosen, the question has the {name}."
                raise ValidationError({"choices": {index: {name: detail}}})


def _check_accepted(kind: str, choices: list[dict]) -> None:
    if not choices:
        raise _choices_error("A question needs an accepted answer.")
    for index, choice in enumerate(choices):
        if kind == Type.NUMERIC and grading.number(choice["text"]) is None:
            raise ValidationError({"choices": {index: {"text": "Must be a number, such as 3.5."}}})
        if len(choice["text"]) > MAX_TYPED_CHARACTERS:
            detail = f"An accepted answer has at most {MAX_TYPED_CHARACTERS} characters."
            raise ValidationError({"choices": {index: {"text": detail}}})


def _check_matches(choices: list[dict]) -> None:
    offered = {choice.get("code") for choice in choices if not choice["match"]} - {None}
    prompts = [choice for choice in choices if choice["match"]]
    if not prompts or len(offered) < 2:
        raise _choices_error("Matching needs a choice with a match, and two to choose it from.")
    for index, choice in enumerate(choices):
        if choice["match"] and choice["match"] not in offered:
            detail = f"There is no choice with the code {choice['match']!r} to match."
            raise ValidationError({"choices": {index: {"match": detail}}})
        if not choice["match"] and not choice.get("code"):
            detail = "A choice that others are matched with needs a code."
            raise ValidationError({"choices": {index: {"code": detail}}})


def _check_correct(kind: str | None, choices: list[dict]) -> None:
    correct = sum(choice["correct"] for choice in choices)
    if not correct:
        raise _choices_error("A question needs a correct choice.")
    if kind in (Type.SINGLE, Type.TRUE_FALSE) and correct > 1:
        raise _choices_error("Only one choice may be correct.")
    if kind == Type.TRUE_FALSE and len(choices) != 2:
        raise _choices_error("A true or false question has two choices.")


def check_pools(quiz: dict) -> None:
    """Raises ValidationError, at the quiz's field, where a pool can't give what is drawn of it."""
    pools = quiz["pools"]
    for index, question in enumerate(quiz["questions"]):
        if question["pool"] and question["pool"] not in pools:
            detail = f"The quiz has no pool {question['pool']!r}: give it in pools."
            raise ValidationError({"questions": {index: {"pool": detail}}})
    sizes = Counter(question["pool"] for question in quiz["questions"])
    for name, wanted in pools.items():
        if not name or len(name) > MAX_POOL_CHARACTERS:
            detail = f"A pool's name has 1 to {MAX_POOL_CHARACTERS} characters."
            raise ValidationError({"pools": [detail]})
        if sizes[name] < wanted:
            raise ValidationError({"pools": {name: f"It has {sizes[name]} questions."}})


def _stored_type(kind: str | None, choices: list[dict]) -> str:
    """Empty where the number of correct choices says it."""
    correct = sum(choice["correct"] for choice in choices)
    return "" if kind == by_correct_choices(correct) else kind or ""


def document_type(question: dict) -> str:
    """The type of a question in a document, also where its correct choices have to say it."""
    correct = sum(choice.get("correct", False) for choice in question["choices"])
    return question.get("question_type") or by_correct_choices(correct)


def by_correct_choices(correct: int) -> str:
    return str(Type.MULTIPLE if correct > 1 else Type.SINGLE)
