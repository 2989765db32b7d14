"""Finds the static files once in a process, not again for every test client."""

from whitenoise.middleware import WhiteNoiseMiddleware

_scan = WhiteNoiseMiddleware.add_files_from_finders
_found = {}


def install():
    """Let every handler that a test client makes share what the first one found."""
    WhiteNoiseMiddleware.add_files_from_finders = _add_files


def _add_files(middleware):
    if not _found:
        _scan(middleware)
        _found.update(middleware.files)
    middleware.files.update(_found)
