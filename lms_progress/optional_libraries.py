"""What a library imports only for a part of it that isn't used here.

Django REST framework looks for `requests`, for a test client of its own. It is installed, as
signing in through a provider needs it, and with what it loads itself it is a twentieth of the start
of every process.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_rest_framework() -> None:
    """Loads Django REST framework's optional parts as if `requests` weren't installed."""
    with _not_installed("requests"):
        importlib.import_module("rest_framework.compat")


@contextmanager
def _not_installed(name: str) -> Iterator[None]:
    """Within it, importing `name` raises ImportError, unless it has been imported before."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
