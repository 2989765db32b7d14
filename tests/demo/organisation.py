"""The command that seeds an organisation, as its tests call it."""

from datetime import date
from io import StringIO

from django.core.management import call_command

PLAN = {"weeks": 8, "seed": 7, "until": date(2026, 5, 20), "processes": 1}


def demo(learners=12, **changes) -> str:
    output = StringIO()
    call_command("demo", **(PLAN | {"learners": learners} | changes), stdout=output)
    return output.getvalue()
