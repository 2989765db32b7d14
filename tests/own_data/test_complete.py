"""A person's copy is complete: what leads to a person is in it, or left out with a reason."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from progress.models import User
from progress.own_data import parts
from progress.own_data.schema import schema

# Columns without a relation that stand for a person all the same.
LOOSE = {"user_id", "learner_ids", "enrollment_id", "username", "address", "caller", "session_key"}


def all_models() -> list[type[models.Model]]:
    return apps.get_models(include_auto_created=True)


def of_persons() -> set[type[models.Model]]:
    """The models whose rows lead to a person, through any number of relations to one row.

    Not through one that a course or a content has: those belong to nobody.
    """
    found: set[type[models.Model]] = {User}
    while new := {
        model for model in all_models() if model not in found and relations(model, found)
    }:
        found |= new
    return found


def relations(model, to: set) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in to and field.related_model is not model
    ]


def columns() -> Iterator[tuple[str, str]]:
    """(model, column) for each relation to a person, and each column that stands for one."""
    for model in set(all_models()) - {User}:
        for field in model._meta.concrete_fields:
            is_person = field.is_relation and field.related_model is User
            if is_person or (not field.is_relation and field.attname in LOOSE):
                yield model._meta.label, field.name


def test_every_table_that_leads_to_a_person_is_in_the_copy_or_left_out_with_a_reason():
    missing = [
        model._meta.label
        for model in of_persons()
        if parts.part_of(model._meta.label) is None and model._meta.label not in parts.left_out()
    ]
    assert missing == []


def test_every_column_that_names_a_person_is_looked_at_or_left_out_with_a_reason():
    missing = []
    for label, column in columns():
        part = parts.part_of(label)
        known = {label, f"{label}.{column}"} & parts.left_out().keys()
        if not known and (part is None or column not in part.lookups | part.without.keys()):
            missing.append(f"{label}.{column}")
    assert missing == []


def test_what_is_left_out_exists_and_has_a_reason():
    for name, reason in parts.left_out().items():
        label, _, column = name.partition(".")[2].partition(".")
        model = apps.get_model(name.partition(".")[0], label)
        assert reason.strip()
        if column:
            model._meta.get_field(column)
    for part in parts.all_parts():
        assert all(part.model._meta.get_field(column) for column in part.without)


def test_no_two_parts_have_one_name_and_none_has_a_secret():
    names = [part.name for part in parts.all_parts()]
    assert len(names) == len(set(names)) > 45
    described = schema()["$defs"]
    assert described.keys() == set(names)
    secret = {"password", "digest", "session_key", "session_hash", "secret", "token", "key"}
    shown = {
        f"{name}.{column}"
        for name, shape in described.items()
        for column in secret & shape["items"]["properties"].keys()
    }
    # What a mail or an event is about, and the hash of a file's bytes.
    assert shown == {"mails.key", "events-for-other-systems.key", "files-uploaded.digest"}
