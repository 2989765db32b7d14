"""The column of instructors: their accounts, by user name or e-mail address."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from progress.models import User
from progress.security import rights
from progress.validation.usernames import normalized_address

from .fields import ParsedRow, Problem

COLUMN = "instructors"
CHUNK_SIZE = 1000


def names(text: str) -> list[str]:
    """`lena; omar@example.org` as a list. In a file delimited by semicolons, | separates names."""
    return [name for each in text.replace("|", ";").split(";") if (name := each.strip())]


def accounts(rows: Iterable[ParsedRow], by: User | None) -> dict[str, list[str]]:
    """The user names that each name in the column may mean: none, one, or all with that address.

    Only people that `by` may choose as instructors.
    """
    people = rights.possible_instructors(by)
    names = sorted({name for row in rows for name in row.values.get(COLUMN, ())})
    found: dict[str, list[str]] = defaultdict(list)
    for at in range(0, len(names), CHUNK_SIZE):
        part = names[at : at + CHUNK_SIZE]
        for name, users in people.called(part).items():
            found[name] = [user.username for user in users]
        addresses = {_address(name) for name in part}
        by_address = _by_address(people, (each for each in addresses if "@" in each))
        for name in part:
            found[name] = found[name] or by_address.get(_address(name), [])
    return found


def _address(name: str) -> str:
    return normalized_address(name).lower()


def _by_address(people: QuerySet[User], addresses: Iterable[str]) -> dict[str, list[str]]:
    wanted = list(addresses)
    found = defaultdict(list)
    if wanted:
        found_by = people.annotate(address=Lower("email")).filter(address__in=wanted)
        for address, username in found_by.order_by("username").values_list("address", "username"):
            found[address].append(username)
    return found


def usernames(
    row: ParsedRow, accounts_by_name: Mapping[str, list[str]]
) -> tuple[list[str], list[Problem]]:
    """The sorted user names of a row's cell, without repetition, and the cell's problems."""
    found, problems = set(), []
    for name in row.values[COLUMN]:
        if len(accounts_by_name[name]) == 1:
            found.update(accounts_by_name[name])
            continue
        wanted = _("The user name or address of someone with an account.")
        if accounts_by_name[name]:
            wanted = _(
                "Several people have this name or address: name one by their exact user name."
            )
        problems.append(Problem(row.number, COLUMN, name, wanted))
    return sorted(found), problems
