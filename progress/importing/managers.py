"""The column `manager` of a file of people: by user name, else by external id.

A manager may be someone with an account that the importing user may name, or another person of the
same file, whatever the order of the rows.
"""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from progress.models import User
from progress.security import managers
from progress.validation.usernames import normalized

from .fields import Change, ParsedRow, Problem, Step

CHUNK_SIZE = 1000
COLUMN = "manager"
# A person by user name, as `normalized` has it.
Name = str


def check(
    steps: list[Step], rows: list[ParsedRow], by: User | None
) -> tuple[list[Step], list[Problem]]:
    """The steps with the managers that their rows name, and the problems of the others.

    The target of a step is a person, the changed columns, and the new manager or None. Holds what
    `managers.hold` holds.
    """
    named = {row.number: row.values[COLUMN] for row in rows if COLUMN in row.values}
    if not named:
        return steps, []
    managers.hold()
    steps, problems = _resolved(steps, named, _existing(set(named.values()), by))
    return _without_circles(steps, problems, named)


def _existing(texts: set[str], by: User | None) -> dict[str, User]:
    found: dict[str, User] = {}
    wanted = sorted(texts)
    for at in range(0, len(wanted), CHUNK_SIZE):
        chunk = wanted[at : at + CHUNK_SIZE]
        people = managers.possible_managers(by)
        found |= {each.external_id or "": each for each in people.filter(external_id__in=chunk)}
        called = people.called(chunk).items()
        found |= {text: people[0] for text, people in called if len(people) == 1}
    return found


def _resolved(
    steps: list[Step], named: Mapping[int, str], existing: Mapping[str, User]
) -> tuple[list[Step], list[Problem]]:
    """A new person whose row turns out wrong is nobody's manager: so until nothing changes."""
    kept = {step.rows[0]: step for step in steps}
    problems: list[Problem] = []
    while True:
        new: dict[str, User] = {}
        for step in kept.values():
            person = step.target[0]
            if step.change is Change.NEW:
                new |= {person.external_id or "": person, normalized(person.username): person}
        unknown = {
            number: text
            for number, text in named.items()
            if number in kept and not _is_possible(kept[number].target[0], text, existing, new)
        }
        if not unknown:
            break
        for number, text in unknown.items():
            del kept[number]
            problems.append(
                Problem(
                    number,
                    COLUMN,
                    text,
                    _("Someone with an account, or in this file, that you may see."),
                )
            )
    found = []
    for number, step in kept.items():
        if number in named:
            manager = _named(named[number], existing, new)
            assert manager is not None
            step = _with_manager(step, manager)
        found.append(step)
    return found, problems


def _named(text: str, existing: Mapping[str, User], new: Mapping[str, User]) -> User | None:
    return existing.get(text) or new.get(normalized(text)) or new.get(text)


def _is_possible(
    person: User, text: str, existing: Mapping[str, User], new: Mapping[str, User]
) -> bool:
    """Test accounts report to test accounts, and other people to other people."""
    manager = _named(text, existing, new)
    return manager is not None and manager.is_test == person.is_test


def _with_manager(step: Step, manager: User) -> Step:
    person, columns, _none = step.target
    is_same = step.change is not Change.NEW and person.manager_id == manager.pk
    if is_same:
        return step
    change = Change.CHANGED if step.change is Change.UNCHANGED else step.change
    return replace(step, change=change, target=(person, columns, manager))


def _without_circles(
    steps: list[Step], problems: list[Problem], named: Mapping[int, str]
) -> tuple[list[Step], list[Problem]]:
    """Adds the new managers one by one to those that stay; who closes a circle is a problem."""
    pairs = User.objects.exclude(manager=None).order_by().values_list("pk", "manager_id")
    above: dict[int | Name, int | Name] = dict(pairs)
    for step in steps:
        if step.target[2] is not None:
            above.pop(_key(step.target[0]), None)
    found = []
    for step in steps:
        person, _columns, manager = step.target
        if manager is not None and _is_above(_key(person), _key(manager), above):
            [number] = step.rows
            wanted = _("Someone who doesn't report to this person, directly or through others.")
            problems.append(Problem(number, COLUMN, named[number], wanted))
            continue
        if manager is not None:
            above[_key(person)] = _key(manager)
        found.append(step)
    return found, problems


def _key(person: User) -> int | Name:
    return person.pk or normalized(person.username)


def _is_above(person: int | Name, start: int | Name, above: Mapping) -> bool:
    at: int | Name | None = start
    while at is not None:
        if at == person:
            return True
        at = above.get(at)
    return False


def write(steps: list[Step]) -> None:
    """Sets the managers, once everybody has an account.

    Those who change are without one in between: a part of the changes could be a circle with what
    was there before.
    """
    people = []
    for step in steps:
        person, _columns, manager = step.target
        if manager is not None:
            person.manager = manager
            people.append(person)
    for at in range(0, len(people), CHUNK_SIZE):
        chunk = [person.pk for person in people[at : at + CHUNK_SIZE]]
        User.objects.filter(pk__in=chunk).exclude(manager=None).update(manager=None)
    User.objects.bulk_update(people, ["manager"], batch_size=CHUNK_SIZE)
