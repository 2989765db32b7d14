"""Runs an import: the whole file is written, or nothing, unless `is_partial`."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from progress.files.downloads import csv_cell
from progress.models import User
from progress.operations.locking import retried

from . import inviting
from .fields import Change, Kind, Problem, Step, read_rows
from .table import ERROR_COLUMN, Table, Unreadable, read_table


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result: how many people, enrolments, … are new, changed, …, and the problems.

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
        """The wrong rows as CSV, unchanged, with their problems in a last column."""
        sentences: dict[int, list[str]] = {}
        for problem in self.problems:
            sentences.setdefault(problem.row, []).append(sentence(problem))
        columns = [c for c in self.table.columns if c and c != ERROR_COLUMN]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*columns, ERROR_COLUMN])
        for row in self.table.rows:
            if row.number in sentences:
                cells = [csv_cell(row.cells[column]) for column in columns]
                writer.writerow([*cells, csv_cell("; ".join(sentences[row.number]))])
        return text.getvalue()


def sentence(problem: Problem) -> str:
    """`email ‘lena’: an address such as …`."""
    value = f" ‘{problem.value}’" if problem.value else ""
    cell = f"{problem.column}{value}".strip()
    return f"{cell}: {problem.wanted}" if cell else problem.wanted


def run(
    kind: Kind,
    content: bytes,
    *,
    by: User | None,
    now: datetime,
    is_dry: bool = False,
    is_partial: bool = False,
    invites: bool = False,
    key: str = "",
) -> Outcome:
    """Check a file, and write it unless `is_dry`: all of it, or its right rows if `is_partial`.

    `by` is the importing user, whose permissions apply; None for a command on the server. `key` is
    the name of the API key that was used.
    `invites` mails new people a link to set a password. Raises Unreadable.
    """
    table = read_table(content)
    if invites and not inviting.can_invite():
        raise Unreadable(_("Nobody can be invited: links need the setting PUBLIC_URL."))
    try:
        return _run(kind, table, by, now, is_dry, is_partial, invites, key)
    except IntegrityError:
        raise Unreadable(
            _("Someone else changed the same rows in the meantime. Nothing was written; try again.")
        ) from None


@retried
def _run(kind, table, by, now, is_dry, is_partial, invites, key) -> Outcome:
    rows, problems = read_rows(kind, table)
    steps, more = kind.plan(rows, by, now, **({"key": key} if kind.takes_key else {}))
    problems = sorted({*problems, *more})
    problems = sorted([*problems, *_group_problems(kind, table, problems)])
    bad = {problem.row for problem in problems}
    steps = [step for step in steps if bad.isdisjoint(step.rows)]
    is_written = not is_dry and (not problems or is_partial)
    counts = Counter(step.change for step in steps)
    if is_written:
        to_write = [step for step in steps if step.change is not Change.UNCHANGED]
        kind.write(to_write, now)
        if invites:
            inviting.invite(_new_people(to_write), now)
    return Outcome(
        kind=kind,
        table=table,
        new=counts[Change.NEW],
        changed=counts[Change.CHANGED],
        unchanged=counts[Change.UNCHANGED],
        problems=problems,
        is_written=is_written,
    )


def _group_problems(kind: Kind, table: Table, problems: Sequence[Problem]) -> Iterator[Problem]:
    """Problems of right rows that are left out because another row of their group is wrong."""
    column = kind.group_column
    if not column:
        return
    bad = {problem.row for problem in problems}
    wrong_rows = {row.cells.get(column): row.number for row in table.rows if row.number in bad}
    for row in table.rows:
        cell = row.cells.get(column, "")
        if row.number not in bad and cell in wrong_rows:
            wanted = _("Left out because row %(row)s has errors.") % {"row": wrong_rows[cell]}
            yield Problem(row.number, "", "", wanted)


def _new_people(steps: list[Step]) -> list[User]:
    new = (step.target[0] for step in steps if step.change is Change.NEW)
    return [person for person in new if isinstance(person, User)]
