"""Changes to the questions of a quiz in a course document: values in, values out.

Questions and choices keep their ids and codes when their texts are corrected, so that no answer
and no score changes. A question is named by its code.
"""

import copy
import secrets
from dataclasses import dataclass

from authoring.outline import Document, Key, NotPossible, find_content


@dataclass(frozen=True, slots=True)
class GivenChoice:
    """A choice as its author left it; `index` is its place before, or beyond those where new.

    `place` is where it belongs in an ordering question, `match` the text that belongs to it in a
    matching one.
    """

    index: int
    text: str
    is_correct: bool = False
    place: int = 0
    match: str = ""
    explanation: str = ""
    image: str = ""
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class GivenQuestion:
    """`taught_in` is the code of a content, and `taught_at` the place in it."""

    text: str
    choices: list[GivenChoice]
    question_type: str = ""
    tolerance: str = ""
    image: str = ""
    image_alt: str = ""
    pool: str = ""
    explanation: str = ""
    taught_in: str | None = None
    taught_at: int | None = None


def save_question(document: Document, key: Key, code: str, given: GivenQuestion) -> Document:
    """Change a question, or add one where `code` is empty. Choices without a text are removed."""
    changed = copy.deepcopy(document)
    questions = _questions(changed, key)
    if code:
        question = _find(questions, code)
    else:
        question = {"code": _new_code("question"), "choices": []}
        questions.append(question)
    before = question["choices"]
    question |= {
        "text": given.text,
        "question_type": _type(given),
        "tolerance": given.tolerance,
        "image": given.image,
        "image_alt": given.image_alt,
        "pool": given.pool,
        "explanation": given.explanation,
        "taught_in": given.taught_in,
        "taught_at": given.taught_at,
        "choices": _choices(before, given),
    }
    _keep_pools(changed, key)
    return changed


def _type(given: GivenQuestion) -> str | None:
    several = sum(each.is_correct for each in given.choices if each.text) > 1
    if given.question_type == "single" and several:
        return "multiple"
    return given.question_type or None


def _choices(before: list[dict], given: GivenQuestion) -> list[dict]:
    if given.question_type == "matching":
        return matched(before, given.choices)
    rows = [each for each in given.choices if each.text]
    if given.question_type == "ordering":
        rows.sort(key=lambda each: each.place)
    return [_choice(before, each) for each in rows]


def sides(choices: list[dict]) -> tuple[list[dict], list[dict]]:
    """Of a matching question: what is to be matched, and what belongs to nothing."""
    prompts = [each for each in choices if each.get("match")]
    used = {each["match"] for each in prompts}
    loose = [each for each in choices if not each.get("match") and each.get("code") not in used]
    return prompts, loose


def matched(before: list[dict], rows: list[GivenChoice]) -> list[dict]:
    """The choices of a matching question: the prompts, then what they are matched with.

    A row without a text of its own offers a match that belongs to nothing. A match whose text was
    corrected stays itself, unless that text is still another row's.
    """
    prompts, loose = sides(before)
    by_code = {each["code"]: each for each in before if each.get("code")}
    former = [by_code.get(each["match"]) for each in prompts] + loose
    by_text = {each["text"]: each for each in before if not each.get("match") and each.get("code")}
    wanted = {row.match for row in rows}
    offered: dict[str, dict] = {}
    found = []
    for row in rows:
        if not row.match:
            continue
        old = former[row.index] if row.index < len(former) else None
        if row.match not in offered:
            if row.match in by_text:
                old = by_text[row.match]
            elif old is None or old["text"] in wanted or old in offered.values():
                old = {"code": _new_code("match")}
            offered[row.match] = old
        if row.text:
            stored = prompts[row.index] if row.index < len(prompts) else {}
            values = {"text": row.text, "match": offered[row.match]["code"]}
            found.append({"code": _new_code("choice")} | stored | values)
    return [*found, *(each | {"text": text} for text, each in offered.items())]


def _new_code(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(4)}"


def _choice(before: list[dict], given: GivenChoice) -> dict:
    stored = before[given.index] if given.index < len(before) else {}
    values = {
        "text": given.text,
        "correct": given.is_correct,
        "explanation": given.explanation,
        "image": given.image,
        "image_alt": given.image_alt,
    }
    return stored | values


def remove_question(document: Document, key: Key, code: str) -> Document:
    changed = copy.deepcopy(document)
    questions = _questions(changed, key)
    questions.remove(_find(questions, code))
    _keep_pools(changed, key)
    return changed


def save_pools(document: Document, key: Key, draws: dict[str, int]) -> Document:
    """Say how many questions are drawn of each pool that there is."""
    changed = copy.deepcopy(document)
    content = find_content(changed, key)
    known = content.get("pools", {})
    content["pools"] = known | {name: draws[name] for name in known if name in draws}
    return changed


def _keep_pools(document: Document, key: Key) -> None:
    """A pool is there as long as a question is in it; of a new one, one question is drawn."""
    content = find_content(document, key)
    names = {question.get("pool") or "" for question in content["questions"]} - {""}
    before = content.get("pools", {})
    content["pools"] = {name: before.get(name, 1) for name in sorted(names)}


def move_question(document: Document, key: Key, code: str, to: int) -> Document:
    """`to` is its place afterwards, from 0."""
    changed = copy.deepcopy(document)
    questions = _questions(changed, key)
    question = _find(questions, code)
    questions.remove(question)
    questions.insert(max(to, 0), question)
    return changed


def _questions(document: Document, key: Key) -> list[dict]:
    content = find_content(document, key)
    if content["content_type"] != "quiz":
        raise NotPossible(key[1])
    return content.setdefault("questions", [])


def _find(questions: list[dict], code: str) -> dict:
    for question in questions:
        if question["code"] == code:
            return question
    raise NotPossible(code)
