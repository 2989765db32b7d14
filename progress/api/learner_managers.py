"""A person's manager as API callers name one: by id, user name or external id."""

from collections.abc import Mapping

from django.db import transaction
from rest_framework import serializers

from progress.models import User
from progress.security import managers

NAMES = ("manager_id", "manager_username", "manager_external_id")


def with_manager_id(values: Mapping, by: User | None, person: User | None = None) -> dict:
    """Validated values, with `manager_id` in place of whatever name was given; None for no manager.

    Raises ValidationError for two names, and for a name of nobody that `by` may name. The manager
    that the `person` has already may be sent back by anyone.
    """
    given = [name for name in NAMES if name in values]
    if not given:
        return dict(values)
    if len(given) > 1:
        raise serializers.ValidationError({given[1]: f"At most one of {', '.join(NAMES)}."})
    [name] = given
    kept = {key: value for key, value in values.items() if key not in NAMES}
    value = values[name]
    if name == "manager_id" and person is not None and value == person.manager_id:
        return kept | {"manager_id": value}
    return kept | {"manager_id": None if value is None else _found(name, value, by).pk}


def _found(name: str, value, by: User | None) -> User:
    people = managers.possible_managers(by)
    if name == "manager_username":
        named = people.called([value])[value]
        found = named[0] if len(named) == 1 else None
    else:
        column = "pk" if name == "manager_id" else "external_id"
        found = people.filter(**{column: value}).first()
    if found is None:
        raise serializers.ValidationError({name: managers.UNKNOWN}, "does_not_exist")
    return found


def check_new(is_test: bool, values: Mapping) -> None:
    """Raises ValidationError where of a new person and the manager only one is a test account."""
    manager_id = values.get("manager_id")
    if manager_id is not None and managers.is_apart(is_test, manager_id):
        raise serializers.ValidationError({"manager_id": managers.APART}, "apart")


def check(person: User, values: Mapping) -> None:
    """Raises ValidationError where the new manager reports to the person, or only one of both is a
    test account.

    Called within the transaction that writes the person, before it does.
    """
    manager_id = values.get("manager_id")
    if manager_id is None or manager_id == person.manager_id:
        return
    check_new(person.is_test, values)
    assert transaction.get_connection().in_atomic_block
    managers.hold()
    if managers.would_be_circle(person.pk, manager_id):
        raise serializers.ValidationError({"manager_id": managers.CIRCLE}, "circle")
