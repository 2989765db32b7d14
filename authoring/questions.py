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
    """A choice as its author left it; `index` is its place before, or beyond those where new."""

    index: int
    text: str
    is_correct: bool


def save_question(
    document: Document, key: Key, code: str, text: str, choices: list[GivenChoice]
) -> Document:
    """Change a question, or add one where `code` is empty. Choices without a text are removed."""
    changed = copy.deepcopy(document)
    questions = _questions(changed, key)
    if code:
        question = _find(questions, code)
    else:
        question = {"code": f"question-{secrets.token_hex(4)}", "choices": []}
        questions.append(question)
    before = question["choices"]
    question |= {
        "text": text,
        "choices": [_choice(before, each) for each in choices if each.text],
    }
    return changed


def _choice(before: list[dict], given: GivenChoice) -> dict:
    stored = before[given.index] if given.index < len(before) else {}
    return stored | {"text": given.text, "correct": given.is_correct}


def remove_question(document: Document, key: Key, code: str) -> Document:
    changed = copy.deepcopy(document)
    questions = _questions(changed, key)
    questions.remove(_find(questions, code))
    return changed


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
