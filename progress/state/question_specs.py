"""A quiz's questions as the rules need them: their choices, and what makes an answer right."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Value, When
from django.db.models.functions import JSONObject

from progress.models import Choice, Question
from progress.rules import grading


@dataclass(frozen=True)
class QuestionSpec:
    id: int
    correct: frozenset[int]
    choices: frozenset[int]
    key: grading.Key
    prompts: frozenset[int] = frozenset()  # of a matching question: what is to be matched
    pool: str = ""


def question_rows(content: OuterRef):
    """The active questions of a content as a subquery, each as what `question_spec` reads."""
    choices = (
        Choice.objects.active()
        .filter(question=OuterRef("pk"))
        .order_by("position", "pk")
        .values(
            spec=JSONObject(
                id="pk",
                code="code",
                match="match_code",
                correct="is_correct",
                text=Case(
                    When(question__question_type__in=Question.TYPED, then=F("text")),
                    default=Value(""),
                ),
            )
        )
    )
    return (
        Question.objects.active()
        .filter(content=content)
        .order_by("position", "pk")
        .values(
            spec=JSONObject(
                id="pk",
                type="question_type",
                tolerance="tolerance",
                pool="pool",
                choices=ArraySubquery(choices),
            )
        )
    )


def question_spec(row: dict) -> QuestionSpec:
    choices = row["choices"]
    return QuestionSpec(
        row["id"],
        frozenset(each["id"] for each in choices if each["correct"]),
        frozenset(each["id"] for each in choices),
        _key(row["type"], choices, row["tolerance"]),
        frozenset(each["id"] for each in choices if each["match"]),
        row["pool"],
    )


def _key(question_type: str, choices: list[dict], tolerance: str) -> grading.Key:
    match question_type:
        case Question.Type.ORDERING:
            return grading.Order(tuple(each["id"] for each in choices))
        case Question.Type.MATCHING:
            ids = {each["code"]: each["id"] for each in choices}
            pairs = ((each["id"], ids.get(each["match"], 0)) for each in choices if each["match"])
            return grading.Matches(frozenset(pairs))
        case Question.Type.NUMERIC:
            return grading.Numbers(tuple(each["text"] for each in choices), tolerance)
        case Question.Type.SHORT_TEXT:
            return grading.Texts(tuple(each["text"] for each in choices))
    return frozenset(each["id"] for each in choices if each["correct"])
