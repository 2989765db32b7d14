"""Live progress: a push after each commit, and the stream that carries it to open pages."""

from .pushing import push, stream_url

__all__ = ["push", "stream_url"]
