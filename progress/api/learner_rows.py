"""Learners by the names that other systems know them by: upserts, one or many at a time."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from progress.api import learner_managers
from progress.api.bulk import CREATED, MAX_ROWS, UNCHANGED, UPDATED, BulkSerializer, Result
from progress.api.learner_serializer import LearnerSerializer, Username
from progress.ingest import deactivating
from progress.models import User
from progress.models.marks import makes_tests
from progress.models.people import TAKEN
from progress.security import rights
from progress.validation.storable import is_storable
from progress.validation.usernames import normalized

UPSERT, DEACTIVATE, REACTIVATE = "upsert", "deactivate", "reactivate"
ACTIONS = (UPSERT, DEACTIVATE, REACTIVATE)
_NAMES = ("username", "external_id")
TAKEN_ID = "This external_id is taken."
MORE_RIGHTS = "This account has more rights than yours."


class LearnerUpsertSerializer(LearnerSerializer):
    """A learner, found by `external_id`, or else by `username`; new if there is none."""

    username = Username(max_length=150, required=False, validators=[User.username_validator])

    # Names are unique among all rows of a request: `People` knows them without a query for each.
    def validate_username(self, value):
        return value

    def validate_external_id(self, value):
        return value


class LearnerRowSerializer(LearnerUpsertSerializer):
    """The same, and what is to be done with the account."""

    action = serializers.ChoiceField(
        choices=[(each, each) for each in ACTIONS], default=UPSERT, write_only=True
    )

    class Meta(LearnerSerializer.Meta):
        fields = [*LearnerSerializer.Meta.fields, "action"]


class LearnerBulkSerializer(BulkSerializer):
    rows = LearnerRowSerializer(many=True, min_length=1, max_length=MAX_ROWS)


def upsert(data, by: User) -> tuple[Result, User]:
    """Writes one learner; returns what was done, and the account.

    Raises ValidationError and PermissionDenied.
    """
    if isinstance(data, Mapping) and "action" in data:
        raise serializers.ValidationError(
            {"action": "There is no such field here."}, "unknown_field"
        )
    rows = [data] if isinstance(data, Mapping) else []
    with transaction.atomic():
        result = People(rows, by).write(data)
    return result, User.objects.get(pk=result.id)


class People:
    """The accounts that the rows of one request name, and what the caller may do to them."""

    def __init__(self, rows: list[dict], by: User):
        self._by, self._now = by, timezone.now()
        names = {row["username"] for row in rows if isinstance(row.get("username"), str)}
        ids = {row["external_id"] for row in rows if isinstance(row.get("external_id"), str)}
        self._by_name: dict[str, User] = {}
        for each in User.objects.called(names).values():
            for person in each:
                self._by_name.setdefault(normalized(person.username), person)
        found = User.objects.filter(external_id__in=list(filter(is_storable, ids)))
        self._by_external_id = {person.external_id: person for person in found}
        accounts = {
            each.pk: each for each in (*self._by_name.values(), *self._by_external_id.values())
        }
        self._powerful = rights.accounts_exceeding(accounts.values(), by)
        visible = rights.visible_people(by).filter(pk__in=accounts)
        self._visible = set(visible.order_by().values_list("pk", flat=True))

    def write(self, row: dict) -> Result:
        """Raises ValidationError and PermissionDenied."""
        serializer = LearnerRowSerializer(data=row, context={"by": self._by})
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        action = values.pop("action")
        person = self._find(values)
        if action == UPSERT:
            return self._upsert(person, values)
        if set(values) - set(_NAMES):
            extra = min(set(values) - set(_NAMES))
            raise serializers.ValidationError({extra: f"Not with the action {action}."})
        if person is None:
            name = "external_id" if "external_id" in values else "username"
            raise serializers.ValidationError({name: "There is no such learner."})
        return self._switch(person, action)

    def _find(self, values: dict) -> User | None:
        """The account that the row means. Raises ValidationError where its names contradict."""
        external_id, username = values.get("external_id"), values.get("username")
        if not external_id and not username:
            raise serializers.ValidationError({"username": "A username or external_id is needed."})
        of_id = self._by_external_id.get(external_id) if external_id else None
        of_name = self._by_name.get(normalized(username)) if username else None
        if of_id and of_name and of_id.pk != of_name.pk:
            raise serializers.ValidationError({"external_id": TAKEN_ID}, "unique")
        found = of_id or of_name
        if found is not None and found.pk not in self._visible:
            name, text = ("external_id", TAKEN_ID) if of_id else ("username", TAKEN)
            raise serializers.ValidationError({name: text}, "unique")
        return found

    def _upsert(self, person: User | None, values: dict) -> Result:
        if person is None:
            return self._create(values)
        changes = self._changes(person, values)
        if not changes:
            return Result(UNCHANGED, person.pk)
        self._check_may_change(person)
        learner_managers.check(person, changes)
        password = changes.pop("password", None)
        if password is not None:
            person.set_password(password)
        for name, value in changes.items():
            setattr(person, name, value)
        fields = [*changes, *(["password"] if password is not None else [])]
        try:
            person.save(update_fields=fields)
        except IntegrityError:
            raise serializers.ValidationError({"username": TAKEN}, "unique") from None
        self._remember(person)
        return Result(UPDATED, person.pk)

    def _create(self, values: dict) -> Result:
        if "username" not in values:
            raise serializers.ValidationError({"username": "A new learner needs one."}, "required")
        if not self._by.has_perm("progress.add_user"):
            raise PermissionDenied("You may not add people.")
        is_test = makes_tests(self._by)
        learner_managers.check_new(is_test, values)
        try:
            person = User.objects.create_user(**values, is_test=is_test)
        except IntegrityError:
            raise serializers.ValidationError({"username": TAKEN}, "unique") from None
        self._remember(person)
        return Result(CREATED, person.pk)

    def _changes(self, person: User, values: dict) -> dict[str, Any]:
        changes = {
            name: value
            for name, value in values.items()
            if name == "password" or getattr(person, name) != value
        }
        # The same name in another case or width is no other name.
        if normalized(changes.get("username", "")) == normalized(person.username):
            del changes["username"]
        return changes

    def _switch(self, person: User, action: str) -> Result:
        self._check_may_change(person)
        if action == REACTIVATE:
            return Result(UPDATED if deactivating.reactivate([person.pk]) else UNCHANGED, person.pk)
        if person.pk == self._by.pk:
            raise serializers.ValidationError({"username": "This is your own account."})
        is_changed = deactivating.deactivate([person.pk], now=self._now)
        return Result(UPDATED if is_changed else UNCHANGED, person.pk)

    def _check_may_change(self, person: User) -> None:
        if not self._by.has_perm("progress.change_user"):
            raise PermissionDenied("You may not change people who are there already.")
        if person.pk in self._powerful:
            raise PermissionDenied(MORE_RIGHTS)

    def _remember(self, person: User) -> None:
        """Later rows of the same request find the account, too."""
        self._by_name[normalized(person.username)] = person
        if person.external_id:
            self._by_external_id[person.external_id] = person
        self._visible.add(person.pk)
