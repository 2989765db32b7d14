"""Changes to a course document give a new one, and keep what belongs together."""

import copy

import pytest

from authoring import outline
from authoring.outline import NotPossible

DOCUMENT = {
    "title": "Safety",
    "description": "",
    "modules": [
        {
            "id": 1,
            "code": "see",
            "title": "See",
            "contents": [
                {"id": 11, "code": "a", "title": "A", "content_type": "video"},
                {
                    "id": 12,
                    "code": "b",
                    "title": "B",
                    "content_type": "quiz",
                    "prerequisites": ["a"],
                    "questions": [
                        {"id": 5, "code": "q", "text": "?", "choices": [{"id": 7, "text": "x"}]}
                    ],
                },
            ],
        },
        {
            "id": 2,
            "code": "read",
            "title": "Read",
            "contents": [
                {
                    "id": 13,
                    "code": "c",
                    "title": "C",
                    "content_type": "text",
                    "prerequisites": ["a", "b"],
                }
            ],
        },
    ],
}


def order(document) -> list:
    return [
        (module["code"], [each["code"] for each in module["contents"]])
        for module in document["modules"]
    ]


@pytest.fixture(autouse=True)
def _the_given_document_stays_as_it_is():
    before = copy.deepcopy(DOCUMENT)
    yield
    assert before == DOCUMENT


@pytest.mark.parametrize(
    ("key", "into", "to", "expected"),
    [
        (("see", "a"), "see", 1, [("see", ["b", "a"]), ("read", ["c"])]),
        (("see", "b"), "see", 0, [("see", ["b", "a"]), ("read", ["c"])]),
        (("see", "b"), "read", 0, [("see", ["a"]), ("read", ["b", "c"])]),
        (("read", "c"), "see", 99, [("see", ["a", "b", "c"]), ("read", [])]),
    ],
)
def test_a_content_is_moved(key, into, to, expected):
    moved = outline.move_content(DOCUMENT, key, into, to)
    assert order(moved) == expected
    ids = {each["id"] for module in moved["modules"] for each in module["contents"]}
    assert ids == {11, 12, 13}


def test_a_module_is_moved():
    assert order(outline.move_module(DOCUMENT, "read", 0))[0] == ("read", ["c"])


def test_a_content_can_not_join_one_of_the_same_code():
    document = copy.deepcopy(DOCUMENT)
    document["modules"][1]["contents"][0]["code"] = "a"
    with pytest.raises(NotPossible):
        outline.move_content(document, ("see", "a"), "read", 0)


def test_links_to_what_is_gone_go_too():
    changed = outline.remove_content(DOCUMENT, ("see", "a"))
    assert outline.find_content(changed, ("see", "b"))["prerequisites"] == []
    assert outline.find_content(changed, ("read", "c"))["prerequisites"] == ["b"]
    changed = outline.remove_module(DOCUMENT, "see")
    assert outline.find_content(changed, ("read", "c"))["prerequisites"] == []


def test_a_copy_is_new_with_all_that_is_in_it():
    changed = outline.duplicate_content(DOCUMENT, ("see", "b"), "B (copy)")
    twin = changed["modules"][0]["contents"][2]
    assert twin["code"] not in {"a", "b", "c"}
    assert twin["title"] == "B (copy)"
    assert twin["prerequisites"] == ["a"]
    assert "id" not in twin
    assert "id" not in twin["questions"][0]
    assert "id" not in twin["questions"][0]["choices"][0]


def test_a_copied_module_keeps_its_links_within_itself():
    changed = outline.duplicate_module(DOCUMENT, "see", "See (copy)")
    assert [module["title"] for module in changed["modules"]] == ["See", "See (copy)", "Read"]
    first, second = changed["modules"][1]["contents"]
    assert second["prerequisites"] == [first["code"]]
    assert first["code"] != "a"
    assert "id" not in changed["modules"][1]


def test_new_items_have_codes_that_nothing_ever_had():
    codes = {outline.add_content(DOCUMENT, "see", {"title": "X"})[1] for _ in range(100)}
    assert len(codes) == 100


@pytest.mark.parametrize(
    "change",
    [
        lambda it: outline.remove_content(it, ("see", "gone")),
        lambda it: outline.remove_content(it, ("gone", "a")),
        lambda it: outline.move_module(it, "gone", 0),
        lambda it: outline.add_content(it, "gone", {"title": "X"}),
    ],
)
def test_what_is_gone_can_not_be_changed(change):
    with pytest.raises(NotPossible):
        change(DOCUMENT)
