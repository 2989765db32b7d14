"""Progress as it happens: pushed after commit, streamed to the learner's open pages."""

from .pushing import push
from .topics import stream_url

__all__ = ["push", "stream_url"]
