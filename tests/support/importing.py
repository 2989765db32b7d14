"""Files imported, and what came of them."""

from progress.importing import KINDS, run
from tests.factories import NOON


def imported(slug: str, text: str, *, by=None, **options):
    return run(KINDS[slug], text.encode(), by=by, now=NOON, **options)


def counts(outcome) -> tuple[int, int, int]:
    return outcome.new, outcome.changed, outcome.unchanged


def places(outcome) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.value) for problem in outcome.problems]
