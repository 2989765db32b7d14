"""An import from first look to last row: all of the file, or none of it, unless told otherwise."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from progress.files.downloads import guarded
from progress.models import User
from progress.operations.locking import retried

from . import inviting
from .fields import Kind, Problem, Standing, Step, read_rows
from .table import ERROR_COLUMN, Table, Unreadable, read_table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file comes to: things (people, enrolments, courses) by their standing, and problems.

    `is_written` says whether the new and the changed ones are in the database now.
    """

    kind: Kind
    table: Table
    new: int
    changed: int
    unchanged: int
    problems: Sequence[Problem]
    is_written: bool

    @property
    def is_noop(self) -> bool:
        return not (self.new or self.changed or self.problems)

    def wrong_rows_csv(self) -> str:
        """The wrong rows as CSV, as they were, with what is wrong in a last column."""
        wrong: dict[int, list[str]] = {}
        for problem in self.problems:
            wrong.setdefault(problem.row, []).append(sentence(problem))
        columns = [c for c in self.table.columns if c and c != ERROR_COLUMN]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*columns, ERROR_COLUMN])
        for row in self.table.rows:
            if row.number in wrong:
                cells = [guarded(row.cells[column]) for column in columns]
                writer.writerow([*cells, guarded("; ".join(wrong[row.number]))])
        return text.getvalue()


def sentence(problem: Problem) -> str:
    """`email ‘lena’: an address such as …`."""
    value = f" ‘{problem.value}’" if problem.value else ""
    place = f"{problem.column}{value}".strip()
    return f"{place}: {problem.wanted}" if place else problem.wanted


def run(
    kind: Kind,
    content: bytes,
    *,
    by: User | None,
    now: datetime,
    is_dry: bool = False,
    is_partial: bool = False,
    invites: bool = False,
) -> Outcome:
    """Look at a file, and write it unless `is_dry`: whole, or with `is_partial` its right rows.

    `by` imports no more than they may; None is whoever runs commands on the server. `invites`
    mails new people a link to set a password. Raises Unreadable.
    """
    table = read_table(content)
    if invites and not inviting.can_invite():
        raise Unreadable(_("Nobody can be invited: links need the setting PUBLIC_URL."))
    try:
        return _run(kind, table, by, now, is_dry, is_partial, invites)
    except IntegrityError:
        raise Unreadable(
            _("Somebody changed the same rows meanwhile. Nothing was written; try again.")
        ) from None


@retried
def _run(kind, table, by, now, is_dry, is_partial, invites) -> Outcome:
    reads, problems = read_rows(kind, table)
    steps, more = kind.plan(reads, by, now)
    problems = sorted({*problems, *more})
    problems = sorted([*problems, *_held_back(kind, table, problems)])
    bad = {problem.row for problem in problems}
    steps = [step for step in steps if bad.isdisjoint(step.rows)]
    is_written = not is_dry and (not problems or is_partial)
    counted = Counter(step.standing for step in steps)
    if is_written:
        todo = [step for step in steps if step.standing is not Standing.UNCHANGED]
        kind.write(todo, now)
        if invites:
            inviting.invite(_new_people(todo), now)
    return Outcome(
        kind=kind,
        table=table,
        new=counted[Standing.NEW],
        changed=counted[Standing.CHANGED],
        unchanged=counted[Standing.UNCHANGED],
        problems=problems,
        is_written=is_written,
    )


def _held_back(kind: Kind, table: Table, problems: Sequence[Problem]) -> Iterator[Problem]:
    """The right rows that belong together with wrong ones."""
    if not kind.together:
        return
    bad = {problem.row for problem in problems}
    wrong = {row.cells.get(kind.together): row.number for row in table.rows if row.number in bad}
    for row in table.rows:
        cell = row.cells.get(kind.together, "")
        if row.number not in bad and cell in wrong:
            told = _("Left out with row %(row)s, which is wrong.") % {"row": wrong[cell]}
            yield Problem(row.number, "", "", told)


def _new_people(steps: list[Step]) -> list[User]:
    made = (step.what[0] for step in steps if step.standing is Standing.NEW)
    return [person for person in made if isinstance(person, User)]
