"""Learners that the rows of a file name, by user name or by the id in another system."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.models import User
from progress.security import rights

from .fields import Field, ParsedRow

CHUNK_SIZE = 1000
PERSON_COLUMNS = ("username", "external_id")
PERSON_FIELDS = [
    Field("username", gettext_lazy("the user name of someone with an account.")),
    Field("external_id", gettext_lazy("the id, in your own system, of someone with an account.")),
]
# Their names by column, and in it by value.
NamedPeople = dict[str, dict[str, User]]


class InvalidCell(Exception):
    def __init__(self, column: str, wanted: str):
        super().__init__(wanted)
        self.column, self.wanted = column, wanted


def named_people(rows: list[ParsedRow], by: User | None) -> NamedPeople:
    """The people that the rows name and `by` may enrol."""
    return {name: _people(rows, name, by) for name in PERSON_COLUMNS}


def _people(rows: list[ParsedRow], name: str, by: User | None) -> dict[str, User]:
    values = [row.values[name] for row in rows if name in row.values]
    found = {}
    if name == "username":
        for at in range(0, len(values), CHUNK_SIZE):
            part = rights.enrollable_people(by).called(values[at : at + CHUNK_SIZE])
            found.update({each: people[0] for each, people in part.items() if len(people) == 1})
        return found
    for at in range(0, len(values), CHUNK_SIZE):
        chunk = rights.enrollable_people(by).filter(**{f"{name}__in": values[at : at + CHUNK_SIZE]})
        for person in chunk.only("pk", "username", "external_id", "time_zone", "is_test"):
            found[getattr(person, name)] = person
    return found


def person_of(row: ParsedRow, people: NamedPeople) -> User:
    """The person of a row; both columns may name them. Raises InvalidCell."""
    names = [name for name in PERSON_COLUMNS if name in row.values]
    if not names:
        raise InvalidCell(PERSON_COLUMNS[0], _("A user name or an external_id."))
    found = []
    for name in names:
        person = people[name].get(row.values[name])
        if person is None:
            raise InvalidCell(name, _("Someone with an account that you may enrol."))
        found.append(person)
    if len({person.pk for person in found}) > 1:
        raise InvalidCell(PERSON_COLUMNS[1], _("The same person as the user name."))
    return found[0]


def course_of(row: ParsedRow, courses: dict[str, int]) -> int:
    """The id of a row's course. Raises InvalidCell."""
    if (pk := courses.get(row.values["course"])) is None:
        raise InvalidCell("course", _("The code of a course into which you may enrol people."))
    return pk
