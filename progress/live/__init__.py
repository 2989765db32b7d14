"""Live progress: pushed after each commit and streamed to the learner's open pages."""

from .pushing import Push, push, push_all
from .topics import stream_url

__all__ = ["Push", "push", "push_all", "stream_url"]
