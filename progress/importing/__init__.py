"""People, enrolments and courses from CSV files: looked at first, then written whole."""

from .fields import Kind, Problem
from .kinds import KINDS
from .running import Outcome, run
from .table import Unreadable, read_text

__all__ = ["KINDS", "Kind", "Outcome", "Problem", "Unreadable", "read_text", "run"]
