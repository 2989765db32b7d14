"""What belongs into a person's copy: each table as a part, or left out with a reason.

Apps say so for their own tables when the system starts. A test goes through every model and column
that leads to a person, and fails for one that is in neither list.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from progress.models import Enrollment, User

# (user) -> which rows of a table are about the person.
Rows = Callable[[User], Q]
# (user) -> (name within the ZIP, bytes) of each file that is kept about the person.
Files = Callable[[User], Iterable[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Part:
    """A table whose rows about a person are in the copy, as a file of this name."""

    name: str
    label: str
    description: str
    rows: Rows
    lookups: frozenset[str]  # the columns by which rows are found
    without: dict[str, str] = field(default_factory=dict)  # column -> why it is left out

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    def fields(self) -> list[models.Field]:
        return [each for each in self.model._meta.concrete_fields if each.name not in self.without]

    def queryset(self, user: User) -> QuerySet:
        return self.model._base_manager.filter(self.rows(user)).order_by("pk")


_parts: dict[str, Part] = {}
_left_out: dict[str, str] = {}
_files: list[Files] = []


def include(
    label: str,
    name: str,
    description: str,
    by: str | Rows = "enrollment",
    *,
    without: dict[str, str] | None = None,
    columns: Iterable[str] = (),
) -> None:
    """Rows of the model `label` belong into the copy, as `<name>.json`.

    `by` is the lookup of the person ("enrollment": of the person's enrolments, which has an index
    wherever there is such a column), or a function of the person; `columns` names those that such a
    function looks at.
    """
    if by == "enrollment":
        rows, columns = _of_enrollments, {"enrollment", "user", *columns}
    elif isinstance(by, str):
        rows, columns = partial(_of_lookup, by), {by.partition("__")[0], *columns}
    else:
        rows = by
    _parts[label] = Part(name, label, description, rows, frozenset(columns), without or {})


def _of_lookup(lookup: str, user: User) -> Q:
    return Q(**{lookup: user.pk})


def _of_enrollments(user: User) -> Q:
    ids = Enrollment.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)
    return Q(enrollment__in=list(ids))


def leave_out(reason: str, *names: str) -> None:
    """Models (`app.Model`), or columns of them (`app.Model.column`), that aren't in the copy."""
    _left_out.update(dict.fromkeys(names, reason))


def include_files(files: Files) -> Files:
    if files not in _files:
        _files.append(files)
    return files


def all_parts() -> list[Part]:
    """In the order of their names."""
    return sorted(_parts.values(), key=lambda part: part.name)


def part_of(label: str) -> Part | None:
    return _parts.get(label)


def left_out() -> dict[str, str]:
    """{model or column: why}"""
    return dict(sorted(_left_out.items()))


def files_of(user: User) -> Iterator[tuple[str, bytes]]:
    for files in _files:
        yield from files(user)
