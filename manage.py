#!/usr/bin/env python
"""Django's command line, with the embedded servers at hand where no others are named."""

import os
import sys
from pathlib import Path

RESEARCH = Path(__file__).parent / "research/management/commands"


def settings(argv: list[str]) -> str:
    """Only research's own commands know research."""
    is_research = len(argv) > 1 and (RESEARCH / f"{argv[1]}.py").is_file()
    return "research.settings" if is_research else "lms_progress.settings"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings(sys.argv))
    from lms_progress import embedded

    embedded.prepare(sys.argv)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
