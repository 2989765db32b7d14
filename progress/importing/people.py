"""People from a file: accounts without passwords, found again by their user name."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.models import User
from progress.security import rights
from progress.validation.usernames import normalized

from .fields import (
    YES_OR_NO,
    Field,
    Kind,
    Planned,
    Problem,
    Read,
    Standing,
    Step,
    flag,
    text_of,
)

CHUNK = 1000
_clean_username = text_of(User, "username")


def username(text: str) -> str:
    """As it stands in the file; once normalised it is a user name too."""
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
        "time_zone",
        gettext_lazy("a time zone such as Europe/Paris; UTC for new people without one."),
        text_of(User, "time_zone"),
    ),
    Field(
        "external_id",
        gettext_lazy("the id in your own system, nobody else's, at most 120 characters."),
        text_of(User, "external_id"),
    ),
    Field("is_active", YES_OR_NO, flag),
]


def plan(reads: list[Read], by: User | None, now: datetime) -> Planned:
    known = _known(reads)
    powerful = rights.accounts_exceeding(known.values(), by)
    owners = _owners(reads)
    steps, problems, named = [], [], {}
    for row in reads:
        username = normalized(row.values["username"])
        person = known.get(username)
        wrong = _wrong(row, person, named, owners, powerful, by)
        if wrong:
            problems.append(wrong)
            continue
        named[username] = row.number
        if external := row.values.get("external_id"):
            owners[external] = username
        steps.append(_step(row, person))
    return steps, problems


def _known(reads: list[Read]) -> dict[str, User]:
    """The accounts that are there already, by their normalised names, some thousand to a statement.

    Of several that share one, which only old accounts do, the one that is called exactly so.
    """
    names = [row.values["username"] for row in reads]
    found = {}
    for at in range(0, len(names), CHUNK):
        for name, people in User.objects.called(names[at : at + CHUNK]).items():
            if people:
                found[normalized(name)] = people[0]
    return found


def _owners(reads: list[Read]) -> dict[str, str]:
    """Whose an external id is: the user name by the id."""
    ids = [row.values["external_id"] for row in reads if "external_id" in row.values]
    found: dict[str, str] = {}
    for at in range(0, len(ids), CHUNK):
        rows = User.objects.filter(external_id__in=ids[at : at + CHUNK])
        pairs = rows.values_list("external_id", "username")
        found.update((external, normalized(username)) for external, username in pairs)
    return found


def _wrong(row, person, named, owners, powerful, by) -> Problem | None:
    username, external = normalized(row.values["username"]), row.values.get("external_id")
    if username in named:
        told = _("Each user name once: row %(row)s has it too.") % {"row": named[username]}
        return Problem(row.number, "username", username, told)
    if external and owners.get(external, username) != username:
        told = _("An id of nobody else: it is that of %(name)s.") % {"name": owners[external]}
        return Problem(row.number, "external_id", external, told)
    if refused := _refused(row, person, powerful, by):
        return Problem(row.number, "username", username, refused)
    return None


def _refused(row: Read, person: User | None, powerful: set[int], by: User | None) -> str:
    """Why `by` may not, or nothing."""
    if by is None:
        return ""
    if person is None:
        return "" if by.has_perm("progress.add_user") else _("You may not add people.")
    if not _changes(row, person):
        return ""
    if not by.has_perm("progress.change_user"):
        return _("You may not change people who are there already.")
    if person.pk in powerful:
        return _("An account with powers of its own is changed by an administrator only.")
    return ""


def _changes(row: Read, person: User) -> dict:
    told = {n: value for n, value in row.values.items() if n != "username"}
    return {n: value for n, value in told.items() if getattr(person, n) != value}


def _step(row: Read, person: User | None) -> Step:
    if person is None:
        made = User(**row.values | {"username": normalized(row.values["username"])})
        made.set_unusable_password()
        return Step((row.number,), Standing.NEW, (made, ()))
    changes = _changes(row, person)
    for name, value in changes.items():
        setattr(person, name, value)
    standing = Standing.CHANGED if changes else Standing.UNCHANGED
    return Step((row.number,), standing, (person, tuple(changes)))


def write(steps: list[Step], now: datetime) -> None:
    """Of each person only the columns that differ: others may change the rest meanwhile."""
    made = [step.what[0] for step in steps if step.standing is Standing.NEW]
    User.objects.bulk_create(made, batch_size=CHUNK)
    by_columns: dict[tuple[str, ...], list[User]] = {}
    for step in steps:
        if step.standing is Standing.CHANGED:
            person, names = step.what
            if person.note_zone(now):
                names = (*names, "earlier_zones")
            by_columns.setdefault(names, []).append(person)
    for names, people in by_columns.items():
        User.objects.bulk_update(people, names, batch_size=CHUNK)


PEOPLE = Kind(
    slug="people",
    title=gettext_lazy("People"),
    about=gettext_lazy(
        "Accounts, found again by their user name. An empty cell leaves what is there. New people "
        "have no password: they sign in through your sign-on, or by a link to set one."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    permissions=["progress.add_user", "progress.change_user"],
)
