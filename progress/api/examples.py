"""Examples in the API's description: one story, from a course to a deactivated learner.

Their answers are true: tests/api/test_examples.py sends each request and gets the same again, and
`WRITE_EXAMPLES=1` before that test writes down what it gets.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, NotRequired, TypedDict

FILE = Path(__file__).parent / "examples.json"


class Example(TypedDict):
    method: str
    path: str  # as the description has it
    path_values: NotRequired[dict[str, int]]
    query: NotRequired[str]
    summary: str
    request: NotRequired[Any]
    status: int
    answer: Any


@cache
def examples() -> list[Example]:
    return json.loads(FILE.read_text())


def add_examples(paths: dict[str, Any]) -> None:
    """Adds the examples to the operations of a description, in place."""
    for example in examples():
        operation = paths[example["path"]][example["method"]]
        if "request" in example:
            _add(operation["requestBody"], example, example["request"])
        _add(operation["responses"][str(example["status"])], example, example["answer"])


def _add(described: dict, example: Example, value: Any) -> None:
    named = described["content"]["application/json"].setdefault("examples", {})
    named[f"Example{len(named) + 1}"] = {"summary": example["summary"], "value": value}
