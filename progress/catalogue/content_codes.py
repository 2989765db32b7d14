"""The contents of a course document by their codes, and where a document is wrong."""

from collections.abc import Iterator

from rest_framework.exceptions import ValidationError

Key = tuple[str, str]  # the code of the module, and of the content


def contents_of(modules: list[dict]) -> Iterator[tuple[tuple[int, int], dict, Key]]:
    """Yields each content as `((module index, content index), content, key)`."""
    for m, module in enumerate(modules):
        for c, content in enumerate(module["contents"]):
            yield (m, c), content, (module["code"], content["code"])


def modules_by_code(modules: list[dict]) -> dict[str, list[str]]:
    """The codes of the modules that have a content of each code."""
    found: dict[str, list[str]] = {}
    for _, _content, (module, code) in contents_of(modules):
        found.setdefault(code, []).append(module)
    return found


def key_of(code: str, module: str, modules_of_code: dict[str, list[str]]) -> Key:
    """The key of the content with this code: in the same module, else the only one.

    Raises ValueError.
    """
    modules = modules_of_code.get(code, [])
    if module in modules:
        return module, code
    if len(modules) != 1:
        problem = "There is no" if not modules else "There is more than one"
        raise ValueError(f"{problem} content with the code {code!r}.")
    return modules[0], code


def error_at(index: tuple[int, int], *path: str | int, detail: str) -> ValidationError:
    """`detail` as the error of a field of a content; `path` leads from the content to it."""
    module, content = index
    return nested_error(("modules", module, "contents", content, *path), detail)


def nested_error(path: tuple, detail: str) -> ValidationError:
    """`detail` as the error of the value at `path`."""
    inner: str | dict = detail
    for key in reversed(path):
        inner = {key: inner}
    return ValidationError(inner)
