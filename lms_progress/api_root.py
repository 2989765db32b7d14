"""The root of the API: every address that can be read without knowing an id."""

from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from progress.api.filtering import KnownParameters

ROOT = "api/"


class ApiRoot(KnownParameters, APIView):
    """The families of the API. `/api/schema/` describes all of it, `/api/docs/` for reading."""

    permission_classes = [IsAuthenticated]

    @extend_schema(exclude=True)
    def get(self, request):
        return Response(
            {name: request.build_absolute_uri(f"/{ROOT}{name}/") for name in addresses()}
        )


@cache
def addresses() -> tuple[str, ...]:
    """`courses`, `analytics/alerts`, …: what answers a GET under the root, without parameters."""
    found = {
        path.removeprefix(ROOT).rstrip("/")
        for path, callback in _endpoints(get_resolver().url_patterns)
        if path.startswith(ROOT) and "<" not in path and _can_be_read(callback)
    }
    return tuple(sorted(found - {""}))


def _endpoints(patterns: list, before: str = "") -> Iterator[tuple[str, object]]:
    for each in patterns:
        path = before + str(each.pattern).strip("^$")
        if isinstance(each, URLResolver):
            yield from _endpoints(each.url_patterns, path)
        elif isinstance(each, URLPattern):
            yield path, each.callback


def _can_be_read(callback) -> bool:
    actions = getattr(callback, "actions", None)
    if actions is not None:
        return "get" in actions
    return hasattr(getattr(callback, "cls", None), "get")
