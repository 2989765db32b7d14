"""The wing's rows in the admin."""

from . import rates

__all__ = ["rates"]
