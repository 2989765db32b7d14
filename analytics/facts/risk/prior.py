"""The model that is there before an organisation has learners of its own to learn from."""

import json
from functools import cache
from pathlib import Path

from .signs.model import Predictor, read_document

PATH = Path(__file__).parent / "prior.json"


@cache
def prior() -> Predictor:
    """Trained on the Open University's data; see docs/foresight.md. Raises BadModel."""
    return read_document(json.loads(PATH.read_text()))


def write(model: Predictor, path: Path) -> None:
    """One tree a line: short enough, and a change of one shows as one."""
    path.write_text(_lines(model.document()) + "\n")


def _lines(document: dict) -> str:
    text = json.dumps(document, allow_nan=False, separators=(", ", ": "))
    for mark in ('"plain": ', '"active": ', '{"share"'):
        text = text.replace(mark, "\n" + mark)
    text = text.replace('"linear": [', '\n"linear": [')
    return text.replace('"trees": [', '\n"trees": [\n').replace("]], [[", "]],\n[[")
