"""People from a file: accounts without passwords, matched by user name."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.ingest import deactivating
from progress.models import User
from progress.models.marks import makes_tests, reaches
from progress.security import rights
from progress.validation.usernames import normalized

from . import managers
from .fields import (
    YES_OR_NO,
    Change,
    Field,
    Kind,
    ParsedRow,
    Plan,
    Problem,
    Step,
    flag,
    text_of,
)

CHUNK_SIZE = 1000
_clean_username = text_of(User, "username")


def username(text: str) -> str:
    """Returns the text unchanged; its normalised form must be a valid user name."""
    _clean_username(normalized(text))
    return text


FIELDS = [
    Field(
        "username",
        gettext_lazy("letters, digits and @ . + - _ only, at most 150."),
        username,
        is_required=True,
    ),
    Field("full_name", gettext_lazy("at most 200 characters."), text_of(User, "full_name")),
    Field("email", gettext_lazy("an address such as lena@example.org."), text_of(User, "email")),
    Field("department", gettext_lazy("at most 120 characters."), text_of(User, "department")),
    Field(
        "language",
        gettext_lazy("the code of a language of this site: en, de, es or ar."),
        text_of(User, "language"),
    ),
    Field(
        "time_zone",
        gettext_lazy("a time zone such as Europe/Paris; UTC for new people without one."),
        text_of(User, "time_zone"),
    ),
    Field(
        "external_id",
        gettext_lazy(
            "the person's id in your own system, which nobody else has, at most 120 characters."
        ),
        text_of(User, "external_id"),
    ),
    Field("is_active", YES_OR_NO, flag),
    Field(
        managers.COLUMN,
        gettext_lazy(
            "the user name or external_id of the person's manager, who sees their learning."
        ),
    ),
]


def plan(rows: list[ParsedRow], by: User | None, now: datetime) -> Plan:
    existing = _existing(rows)
    powerful = rights.accounts_exceeding(existing.values(), by)
    owners = _owners(rows)
    steps, problems = [], []
    row_numbers: dict[str, int] = {}
    for row in rows:
        username = normalized(row.values["username"])
        problem = _problem(row, row_numbers, owners)
        if problem:
            problems.append(problem)
            continue
        row_numbers[username] = row.number
        if external := row.values.get("external_id"):
            owners[external] = username
        steps.append(_step(row, existing.get(username), is_test=makes_tests(by)))
    steps, more = managers.check(steps, rows, by)
    allowed = []
    for step in steps:
        if refusal := _refusal(step, powerful, by):
            username = normalized(step.target[0].username)
            problems.append(Problem(step.rows[0], "username", username, refusal))
        else:
            allowed.append(step)
    return allowed, problems + more


def _existing(rows: list[ParsedRow]) -> dict[str, User]:
    """The accounts that exist already, by normalised name; a statement for each thousand.

    Old accounts may share a normalised name: then it is the one with exactly this name.
    """
    names = [row.values["username"] for row in rows]
    found = {}
    for at in range(0, len(names), CHUNK_SIZE):
        for name, people in User.objects.called(names[at : at + CHUNK_SIZE]).items():
            if people:
                found[normalized(name)] = people[0]
    return found


def _owners(rows: list[ParsedRow]) -> dict[str, str]:
    """The user name of the owner of each external id."""
    ids = [row.values["external_id"] for row in rows if "external_id" in row.values]
    found: dict[str, str] = {}
    for at in range(0, len(ids), CHUNK_SIZE):
        chunk = User.objects.filter(external_id__in=ids[at : at + CHUNK_SIZE])
        pairs = chunk.values_list("external_id", "username")
        found.update((external, normalized(username)) for external, username in pairs)
    return found


def _problem(row, row_numbers, owners) -> Problem | None:
    username, external = normalized(row.values["username"]), row.values.get("external_id")
    if username in row_numbers:
        wanted = _("Each user name only once: row %(row)s has it too.") % {
            "row": row_numbers[username]
        }
        return Problem(row.number, "username", username, wanted)
    if external and owners.get(external, username) != username:
        wanted = _("An id that nobody else has: this one belongs to %(name)s.") % {
            "name": owners[external]
        }
        return Problem(row.number, "external_id", external, wanted)
    return None


def _refusal(step: Step, powerful: set[int], by: User | None) -> str:
    """Why `by` may not add or change the person, or ''."""
    if by is None:
        return ""
    if step.change is Change.NEW:
        return "" if by.has_perm("progress.add_user") else _("You may not add people.")
    if not reaches(by, step.target[0].is_test):
        return _("A user name that isn't taken: test keys and others don't share people.")
    if step.change is Change.UNCHANGED:
        return ""
    if not by.has_perm("progress.change_user"):
        return _("You may not change people who are there already.")
    if step.target[0].pk in powerful:
        return _("Only an administrator may change an account with rights of its own.")
    return ""


def _step(row: ParsedRow, person: User | None, *, is_test: bool) -> Step:
    """The target is the person, the columns that change, and the new manager: none yet."""
    values = {name: value for name, value in row.values.items() if name != managers.COLUMN}
    if person is None:
        new = User(**values | {"username": normalized(values["username"])}, is_test=is_test)
        new.set_unusable_password()
        return Step((row.number,), Change.NEW, (new, (), None))
    del values["username"]
    changes = {name: value for name, value in values.items() if getattr(person, name) != value}
    for name, value in changes.items():
        setattr(person, name, value)
    change = Change.CHANGED if changes else Change.UNCHANGED
    return Step((row.number,), change, (person, tuple(changes), None))


def write(steps: list[Step], now: datetime) -> None:
    """Write only the columns that differ: others may change the rest at the same time."""
    new = [step.target[0] for step in steps if step.change is Change.NEW]
    User.objects.bulk_create(new, batch_size=CHUNK_SIZE)
    by_columns: dict[tuple[str, ...], list[User]] = {}
    for step in steps:
        person, names, _manager = step.target
        if step.change is Change.CHANGED and names:
            if person.note_zone(now):
                names = (*names, "earlier_zones")
            by_columns.setdefault(names, []).append(person)
    for names, people in by_columns.items():
        User.objects.bulk_update(people, names, batch_size=CHUNK_SIZE)
        if "is_active" in names and (gone := [each.pk for each in people if not each.is_active]):
            deactivating.end_access(gone, now=now)
    managers.write(steps)


PEOPLE = Kind(
    slug="people",
    title=gettext_lazy("People"),
    about=gettext_lazy(
        "Accounts, matched by user name. An empty cell leaves the value as it is. New people "
        "have no password: they sign in through your single sign-on, or set one through a link."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    permissions=["progress.add_user", "progress.change_user"],
)
