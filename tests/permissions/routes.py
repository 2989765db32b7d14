"""Every URL of the site, as Django resolves it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Route(NamedTuple):
    """`name` as `reverse` takes it; `actions` are a viewset's, by method."""

    name: str
    path: str
    actions: dict[str, str]
    methods: tuple[str, ...]


def routes(under: str) -> list[Route]:
    """The routes under this path, without those that only add a format suffix."""
    found = [route for route in _walk(get_resolver().url_patterns) if route.path.startswith(under)]
    return [route for route in found if "format" not in route.path]


def _walk(patterns: list, before: str = "", space: str = "") -> Iterator[Route]:
    for each in patterns:
        path = before + str(each.pattern).lstrip("^")
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each.url_patterns, path, inner)
        elif isinstance(each, URLPattern):
            view: Any = each.callback
            actions = getattr(view, "actions", None) or {}
            yield Route(f"{space}{each.name}", path, actions, _methods(view, actions))


def _methods(view: Any, actions: dict[str, str]) -> tuple[str, ...]:
    """The methods that an endpoint of the API accepts."""
    cls = getattr(view, "cls", None)
    taken = getattr(cls, "http_method_names", ())
    names = [name for name in ("get", "post", "put", "patch", "delete") if name in taken]
    return tuple(name for name in names if (name in actions if actions else hasattr(cls, name)))
