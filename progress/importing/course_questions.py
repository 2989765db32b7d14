"""A question of a quiz in a row of a file, of every type."""

import hashlib
from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.models import Question

from .fields import Field, ParsedRow, Problem, parts

Type = Question.Type
# The column of each field of a question, where it has another name.
_COLUMNS = {
    "code": "question",
    "text": "question_text",
    "explanation": "explanation",
    "choices": "choices",
}
_PLAIN = {
    "question_text": "text",
    "question_type": "question_type",
    "tolerance": "tolerance",
    "pool": "pool",
    "explanation": "explanation",
    "taught_in": "taught_in",
    "taught_at": "taught_at",
}

QUESTION_FIELDS = [
    Field("question", gettext_lazy("the code of a question of this quiz; one row for each.")),
    Field("question_text", gettext_lazy("the text of the question.")),
    Field(
        "question_type",
        format_lazy(gettext_lazy("one of {types}, or nothing."), types=", ".join(Type.values)),
    ),
    Field(
        "choices",
        gettext_lazy(
            "the answers, separated by |: to choose from, in the right order, to be matched, or "
            "accepted."
        ),
        parts,
    ),
    Field(
        "choice_codes",
        gettext_lazy(
            "a code for each of the answers, separated by |: then a text can be corrected."
        ),
        parts,
    ),
    Field("correct", gettext_lazy("those of the answers that are correct, separated by |."), parts),
    Field(
        "matches",
        gettext_lazy(
            "of a matching question: what belongs to each of the choices, separated by |; then "
            "what belongs to none."
        ),
        parts,
    ),
    Field("tolerance", gettext_lazy("of a number: by how much an answer may differ, such as 0.5.")),
    Field("pool", gettext_lazy("one of the pools of the quiz.")),
    Field("explanation", gettext_lazy("why the answer is right, at most 5000 characters.")),
    Field("taught_in", gettext_lazy("the code of the content that teaches it.")),
    Field("taught_at", gettext_lazy("a second, a page or a paragraph: a whole number."), int),
]


def pool_sizes(text: str) -> dict[str, int]:
    """`doors=3|alarms=2` as a mapping. Raises ValueError."""
    found = {}
    for part in parts(text):
        name, equals, number = part.rpartition("=")
        if not equals or not name.strip():
            raise ValueError(text)
        found[name.strip()] = int(number)
    return found


def question_column(path: str) -> str:
    """The column that sets a field of a question, by the field's path in the document; or ""."""
    if ".questions." not in path:
        return ""
    names = path.rpartition(".questions.")[2].split(".")[1:]
    if names[:1] == ["choices"]:
        return {"code": "choice_codes", "match": "matches"}.get(names[-1], "choices")
    return _COLUMNS.get(names[0], names[0]) if names else ""


def write_question(row: ParsedRow, question: dict) -> Iterator[Problem]:
    """Write a row into a question of a document. Whatever its cells leave out stays as it is."""
    values = row.values
    for column, name in _PLAIN.items():
        if column in values:
            question[name] = values[column]
    if "choice_codes" in values and len(values["choice_codes"]) != len(values.get("choices", [])):
        codes = " | ".join(values["choice_codes"])
        yield Problem(row.number, "choice_codes", codes, _("One for each of the choices."))
        return
    if question.get("question_type") == Type.MATCHING:
        yield from _write_matches(row, question)
    elif "matches" in values:
        found = " | ".join(values["matches"])
        yield Problem(row.number, "matches", found, _("Only with question_type matching."))
    else:
        yield from _write_choices(row, question)


def _write_choices(row: ParsedRow, question: dict) -> Iterator[Problem]:
    values = row.values
    if "choices" in values:
        question["choices"] = _choices(question.get("choices", []), values)
    texts = {choice["text"] for choice in question.get("choices", [])}
    for text in values.get("correct", []):
        if text not in texts:
            yield Problem(
                row.number, "correct", text, _("One of the choices, exactly as written there.")
            )
    if "correct" in values:
        for choice in question.get("choices", []):
            choice["correct"] = choice["text"] in values["correct"]


def _choices(stored: list[dict], values: dict) -> list[dict]:
    """A row's choices. Stored ones are found again by their code, else by their text."""
    texts = {choice["text"]: choice for choice in stored}
    if "choice_codes" not in values:
        return [texts.get(text) or {"text": text, "correct": False} for text in values["choices"]]
    codes = {choice["code"]: choice for choice in stored if choice.get("code")}
    choices = []
    for text, code in zip(values["choices"], values["choice_codes"], strict=True):
        same = texts.get(text, {})
        old = codes.get(code) or (same if not same.get("code") else {})
        choices.append({"correct": False, **old, "text": text, "code": code})
    return choices


def _write_matches(row: ParsedRow, question: dict) -> Iterator[Problem]:
    """What is to be matched, and what it is matched with: both sides are choices."""
    values = row.values
    if "choices" not in values and "matches" not in values:
        return
    prompts, matches = values.get("choices", []), values.get("matches", [])
    if not prompts or len(matches) < len(prompts):
        yield Problem(
            row.number, "matches", " | ".join(matches), _("One for each of the choices, or more.")
        )
        return
    stored = question.get("choices", [])
    own = [choice for choice in stored if choice.get("match")]
    offered = {choice["text"]: choice for choice in stored if not choice.get("match")}
    texts = list(dict.fromkeys(matches))
    for text in texts:
        offered.setdefault(text, {"text": text, "code": _code_of(text)})
    pairs = zip(_choices(own, values), matches, strict=False)
    question["choices"] = [
        *(choice | {"match": offered[text]["code"]} for choice, text in pairs),
        *(offered[text] for text in texts),
    ]


def _code_of(text: str) -> str:
    """A code that follows from the text, so that the same file again changes nothing."""
    return f"match-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
