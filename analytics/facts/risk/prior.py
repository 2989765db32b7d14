"""The shipped model, used until an organisation has enough finished enrolments of its own."""

import json
from functools import cache
from pathlib import Path

from .signs.model import Predictor, read_document

PATH = Path(__file__).parent / "prior.json"


@cache
def prior() -> Predictor:
    """The model trained on the Open University's data (docs/foresight.md). Raises BadModel."""
    return read_document(json.loads(PATH.read_text()))


def write(model: Predictor, path: Path) -> None:
    """Write a model with one tree per line, so that a diff shows which trees changed."""
    path.write_text(_lines(model.document()) + "\n")


def _lines(document: dict) -> str:
    text = json.dumps(document, allow_nan=False, separators=(", ", ": "))
    for mark in ('"plain": ', '"active": ', '{"share"'):
        text = text.replace(mark, "\n" + mark)
    text = text.replace('"linear": [', '\n"linear": [')
    return text.replace('"trees": [', '\n"trees": [\n').replace("]], [[", "]],\n[[")
