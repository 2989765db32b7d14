"""Changes to a course document: values in, values out. Each function returns a new document.

A module is named by its code, a content by the codes of its module and itself. New codes occur
nowhere else in the course, so that links between contents stay unambiguous.
"""

import copy
import secrets
from typing import Any

Document = dict[str, Any]
Key = tuple[str, str]
# Fields of a copy that would make it the same item as the original.
_IDENTITY = "id"


class NotPossible(Exception):
    """The change can't be made: there is no such item any more, or a code is taken."""


def change_course(document: Document, title: str, description: str) -> Document:
    return copy.deepcopy(document) | {"title": title, "description": description}


# --- Modules -------------------------------------------------------------------------------------
def add_module(document: Document, title: str) -> Document:
    changed = copy.deepcopy(document)
    code = _new_code("module")
    changed["modules"].append({"code": code, "title": title, "contents": []})
    return changed


def rename_module(document: Document, code: str, title: str) -> Document:
    changed = copy.deepcopy(document)
    _module(changed, code)["title"] = title
    return changed


def move_module(document: Document, code: str, to: int) -> Document:
    """`to` is its place afterwards, from 0; beyond the ends it is the first or last one."""
    changed = copy.deepcopy(document)
    module = _module(changed, code)
    changed["modules"].remove(module)
    changed["modules"].insert(max(to, 0), module)
    return changed


def remove_module(document: Document, code: str) -> Document:
    changed = copy.deepcopy(document)
    changed["modules"].remove(_module(changed, code))
    return _without_broken_links(changed)


def duplicate_module(document: Document, code: str, title: str) -> Document:
    """A copy right after the module; its contents keep their links among each other."""
    changed = copy.deepcopy(document)
    module = _module(changed, code)
    twin = copy.deepcopy(module)
    twin |= {"code": _new_code("module"), "title": title}
    renamed = {content["code"]: _make_new(content) for content in twin["contents"]}
    for content in twin["contents"]:
        for name in ("prerequisites", "waives"):
            content[name] = [renamed.get(each, each) for each in content.get(name, [])]
        for question in content.get("questions", []):
            taught_in = question.get("taught_in")
            question["taught_in"] = renamed.get(taught_in, taught_in)
    twin.pop(_IDENTITY, None)
    changed["modules"].insert(changed["modules"].index(module) + 1, twin)
    return changed


# --- Contents ------------------------------------------------------------------------------------
def add_content(document: Document, module_code: str, values: dict) -> tuple[Document, Key]:
    """Returns the key of the new content too; it is the module's last one."""
    changed = copy.deepcopy(document)
    code = _new_code("content")
    _module(changed, module_code)["contents"].append({"code": code} | values)
    return changed, (module_code, code)


def change_content(document: Document, key: Key, values: dict) -> Document:
    changed = copy.deepcopy(document)
    find_content(changed, key).update(values)
    return changed


def move_content(document: Document, key: Key, module_code: str, to: int) -> Document:
    """`to` is its place afterwards. Raises NotPossible if the module has its code already."""
    changed = copy.deepcopy(document)
    content = find_content(changed, key)
    target = _module(changed, module_code)["contents"]
    _module(changed, key[0])["contents"].remove(content)
    if any(each["code"] == content["code"] for each in target):
        raise NotPossible(content["code"])
    target.insert(max(to, 0), content)
    return changed


def remove_content(document: Document, key: Key) -> Document:
    changed = copy.deepcopy(document)
    _module(changed, key[0])["contents"].remove(find_content(changed, key))
    return _without_broken_links(changed)


def duplicate_content(document: Document, key: Key, title: str) -> Document:
    """A copy right after the content: with its links, its questions as new ones."""
    changed = copy.deepcopy(document)
    contents = _module(changed, key[0])["contents"]
    content = find_content(changed, key)
    twin = copy.deepcopy(content)
    _make_new(twin)
    twin["title"] = title
    contents.insert(contents.index(content) + 1, twin)
    return changed


def find_content(document: Document, key: Key) -> dict:
    """Raises NotPossible if there is no such content."""
    for content in _module(document, key[0])["contents"]:
        if content["code"] == key[1]:
            return content
    raise NotPossible(key[1])


# --- Parts ---------------------------------------------------------------------------------------
def _module(document: Document, code: str) -> dict:
    for module in document["modules"]:
        if module["code"] == code:
            return module
    raise NotPossible(code)


def _content_codes(document: Document) -> set[str]:
    return {each["code"] for module in document["modules"] for each in module["contents"]}


def _new_code(kind: str) -> str:
    """A code that no item has, nor one that was retired: that would come back with its progress."""
    return f"{kind}-{secrets.token_hex(4)}"


def _make_new(content: dict) -> str:
    """Give a copy a code of its own, and take its ids away. Returns the code."""
    content["code"] = _new_code("content")
    content.pop(_IDENTITY, None)
    for question in content.get("questions", []):
        question.pop(_IDENTITY, None)
        for choice in question["choices"]:
            choice.pop(_IDENTITY, None)
    return content["code"]


def _without_broken_links(document: Document) -> Document:
    """Without prerequisites, waivers and lessons that lead to contents that are gone."""
    left = _content_codes(document)
    for module in document["modules"]:
        for content in module["contents"]:
            for name in ("prerequisites", "waives"):
                if name in content:
                    content[name] = [code for code in content[name] if code in left]
            for question in content.get("questions", []):
                if question.get("taught_in") not in left:
                    question |= {"taught_in": None, "taught_at": None}
    return document
