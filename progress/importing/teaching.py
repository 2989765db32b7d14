"""Who teaches a course, by the cells of a file: accounts by their user name or address."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from progress.models import User
from progress.security import rights

from .fields import Problem, Read

COLUMN = "instructors"
CHUNK = 1000


def names(text: str) -> list[str]:
    """`lena; omar@example.org` as its parts. A file with semicolons between cells takes |."""
    return [name for each in text.replace("|", ";").split(";") if (name := each.strip())]


def accounts(reads: Iterable[Read], by: User | None) -> dict[str, list[str]]:
    """The user names that each name of the column means: none, one, or those with an address.

    Of those only whom `by` may name.
    """
    people = rights.possible_instructors(by)
    asked = sorted({name for row in reads for name in row.values.get(COLUMN, ())})
    found: dict[str, list[str]] = defaultdict(list)
    for at in range(0, len(asked), CHUNK):
        part = asked[at : at + CHUNK]
        for name, users in people.called(part).items():
            found[name] = [user.username for user in users]
        by_address = _by_address(people, (name.casefold() for name in part if "@" in name))
        for name in part:
            found[name] = found[name] or by_address.get(name.casefold(), [])
    return found


def _by_address(people: QuerySet[User], addresses: Iterable[str]) -> dict[str, list[str]]:
    wanted = list(addresses)
    found = defaultdict(list)
    if wanted:
        found_by = people.annotate(address=Lower("email")).filter(address__in=wanted)
        for address, username in found_by.order_by("username").values_list("address", "username"):
            found[address].append(username)
    return found


def taught(row: Read, known: Mapping[str, list[str]]) -> tuple[list[str], list[Problem]]:
    """The user names of a row's cell, in order and once each, and what is wrong with it."""
    told, problems = set(), []
    for name in row.values[COLUMN]:
        if len(known[name]) == 1:
            told.update(known[name])
            continue
        wanted = _("The user name or address of somebody with an account.")
        if known[name]:
            wanted = _(
                "Several people have this name or address: name one by their exact user name."
            )
        problems.append(Problem(row.number, COLUMN, name, wanted))
    return sorted(told), problems
