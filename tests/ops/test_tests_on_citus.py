"""What differs where tests run on a Citus is said, and no more is excused than that."""

import re

import pytest

from lms_progress.embedded.state import CHECKOUT
from tests.citus import by_design

NAMED = [
    (file, name)
    for file, reasons in by_design.FAILING.items()
    for names in reasons.values()
    for name in names
]


def test_each_is_named_once():
    assert NAMED and len(NAMED) == len(set(NAMED))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_what_cannot_hold_there_is_a_test(file, name):
    function = name.partition("[")[0]
    assert re.search(rf"^def {function}\(", (CHECKOUT / file).read_text(), re.MULTILINE)


class Collected:
    """As pytest's items are, as far as `mark` knows them."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid, self.markers = nodeid, []

    def add_marker(self, marker) -> None:
        self.markers.append(marker)


@pytest.mark.parametrize(
    ("nodeid", "is_expected"),
    [
        ("tests/a.py::test_fails", True),
        ("tests/a.py::test_fails[1]", True),
        ("tests/a.py::test_of_one[1]", True),
        ("tests/a.py::test_of_one[2]", False),
        ("tests/a.py::test_fails_not", False),
        ("tests/b.py::test_fails", False),
    ],
)
def test_a_failure_is_expected_of_a_named_test_only(monkeypatch, nodeid, is_expected):
    reasons = {"Why it can't hold.": ["test_fails", "test_of_one[1]"]}
    monkeypatch.setattr(by_design, "FAILING", {"tests/a.py": reasons})
    by_design.mark([item := Collected(nodeid)])
    assert bool(item.markers) is is_expected
    for marker in item.markers:
        assert marker.kwargs["strict"], "one that passes has to leave the list"
        assert marker.kwargs["raises"] == (AssertionError, KeyError)
        assert marker.kwargs["reason"] == "Why it can't hold."
