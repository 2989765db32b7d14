"""Departments as SCIM groups.

A person has one department: that of the group which they joined last. Who leaves it has the
department of the group joined before, if any. A department that was set by other means since then
stays. Locks: the group, then people by id.
"""

from collections.abc import Collection
from typing import Any, Protocol

from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from scim2_models import (
    ForbiddenException,
    InvalidValueException,
    Meta,
    NotFoundException,
    UniquenessException,
)

from connections.models import GroupMembership, ProvisionedGroup
from connections.models.provisioning import MAX_DEPARTMENT, MAX_EXTERNAL_ID
from progress.api.learner_rows import MORE_RIGHTS
from progress.models import User
from progress.security import rights
from progress.validation.usernames import normalized

from .filters import Constant, Id, Moment, Related, Text, id_of
from .member_changes import WITHOUT_MEMBERS
from .refusals import refused
from .resources import Group, Member

RESOURCE_TYPE = "Group"
TAKEN = "displayName: There is a group with this name."
COLUMNS = {
    "id": Id(),
    "displayname": Text("name_key", key=normalized),
    "externalid": Text("external_id", is_exact=True),
    "members": Related(GroupMembership.objects.all(), "user_id", "group_id"),
    "members.value": Related(GroupMembership.objects.all(), "user_id", "group_id"),
    "meta.resourcetype": Constant(RESOURCE_TYPE),
    "meta.created": Moment("created_at"),
    "meta.lastmodified": Moment("modified_at"),
}


class GroupSerializer(serializers.Serializer):
    display_name = serializers.CharField(max_length=MAX_DEPARTMENT)
    external_id = serializers.CharField(max_length=MAX_EXTERNAL_ID, allow_blank=True)


def forget(user_id: int) -> None:
    """Takes a person out of all groups; the department stays as it is."""
    memberships = GroupMembership.objects.filter(user_id=user_id)
    _note_change(memberships.values("group_id"))
    memberships.delete()


def _note_change(ids) -> None:
    ProvisionedGroup.objects.filter(pk__in=ids).update(
        revision=F("revision") + 1, modified_at=timezone.now()
    )


class SeenPeople(Protocol):
    """The people who may become members."""

    def present(self) -> QuerySet[User]: ...


class Groups:
    """The groups of all SCIM clients, as `by` changes them."""

    columns = COLUMNS

    def __init__(self, by: User, people: SeenPeople):
        self._by, self._people = by, people

    # --- Reading ---------------------------------------------------------------------------------
    def rows(self, parameters: Any = None) -> QuerySet[ProvisionedGroup]:
        rows = ProvisionedGroup.objects.all()
        if not _shows_members(parameters):
            return rows
        return rows.prefetch_related("memberships")

    def get(self, resource_id: str, parameters: Any = None, *, is_locked: bool = False) -> Group:
        """Raises NotFoundException."""
        pk = id_of(resource_id)
        if is_locked and pk is not None:
            _locked(pk)
        group = self.rows(parameters).filter(pk=pk).first() if pk is not None else None
        if group is None:
            raise NotFoundException(detail=f"There is no Group {resource_id}.")
        return self.resource(group)

    def resource(self, group: ProvisionedGroup) -> Group:
        resource = Group(
            id=str(group.pk),
            external_id=group.external_id or None,
            display_name=group.display_name,
        )
        # Only read where the answer shows them.
        if "memberships" in getattr(group, "_prefetched_objects_cache", {}):
            resource.members = [
                Member(value=str(each.user_id), ref=f"Users/{each.user_id}", type="User")
                for each in group.memberships.all()
            ] or None
        resource.meta = Meta(
            resource_type=RESOURCE_TYPE,
            created=group.created_at,
            last_modified=group.modified_at,
            version=f'W/"{group.revision}"',
        )
        return resource

    # --- Writing ---------------------------------------------------------------------------------
    def create(self, sent: Group) -> Group:
        values = _values(sent)
        now = timezone.now()
        group = ProvisionedGroup(created_at=now, modified_at=now, **values)
        _save(group)
        self._join(group, _member_ids(sent))
        return self.get(str(group.pk))

    def update(self, sent: Group) -> Group:
        group = _locked(int(sent.id or ""))
        before = set(group.memberships.values_list("user_id", flat=True))
        after = _member_ids(sent)
        self._leave(group, before - after)
        self._rename(group, _values(sent))
        self._join(group, after - before)
        _note_change([group.pk])
        return self.get(str(group.pk))

    def change_members(self, resource_id: str, changes: dict[int, bool]) -> Group:
        """Returns the group without its members."""
        group = _locked(int(resource_id))
        known = group.memberships.filter(user_id__in=changes)
        before = set(known.values_list("user_id", flat=True))
        joined = {pk for pk, is_member in changes.items() if is_member} - before
        left = {pk for pk, is_member in changes.items() if not is_member} & before
        if joined or left:
            self._leave(group, left)
            self._join(group, joined)
            _note_change([group.pk])
        return self.get(resource_id, WITHOUT_MEMBERS)

    def delete(self, resource_id: str) -> None:
        group = _locked(int(resource_id))
        self._leave(group, set(group.memberships.values_list("user_id", flat=True)))
        group.delete()

    def _join(self, group: ProvisionedGroup, ids: Collection[int]) -> None:
        """Raises InvalidValueException for people who aren't there, and ForbiddenException."""
        if not ids:
            return
        there = set(
            self._people.present().filter(pk__in=ids).order_by().values_list("pk", flat=True)
        )
        if missing := sorted(set(ids) - there):
            raise InvalidValueException(detail=f"members: There is no User {missing[0]}.")
        moved = [each.pk for each in _lock(ids) if each.department != group.display_name]
        self._set_department(moved, group.display_name)
        GroupMembership.objects.bulk_create(
            GroupMembership(group=group, user_id=user_id) for user_id in sorted(ids)
        )

    def _leave(self, group: ProvisionedGroup, ids: Collection[int]) -> None:
        """Raises ForbiddenException."""
        if not ids:
            return
        people = [each for each in _lock(ids) if each.department == group.display_name]
        others = (
            GroupMembership.objects.filter(user__in=people)
            .exclude(group=group)
            .order_by("user_id", "-pk")
            .distinct("user_id")
        )
        names = dict(others.values_list("user_id", "group__display_name"))
        by_name: dict[str, list[int]] = {}
        for person in people:
            by_name.setdefault(names.get(person.pk, ""), []).append(person.pk)
        for name, moved in by_name.items():
            self._set_department(moved, name)
        group.memberships.filter(user_id__in=ids).delete()

    def _rename(self, group: ProvisionedGroup, values: dict[str, str]) -> None:
        """Raises UniquenessException and ForbiddenException."""
        before = group.display_name
        for name, value in values.items():
            setattr(group, name, value)
        _save(group, update_fields=[*values])
        if group.display_name != before:
            members = _lock(group.memberships.values_list("user_id", flat=True))
            named = [each.pk for each in members if each.department == before]
            self._set_department(named, group.display_name)

    def _set_department(self, ids: Collection[int], name: str) -> None:
        people = User.objects.filter(pk__in=ids)
        if powerful := rights.accounts_exceeding(people, self._by):
            raise ForbiddenException(detail=f"User {min(powerful)}: {MORE_RIGHTS}")
        people.update(department=name)


def _lock(ids: Collection[int]) -> list[User]:
    rows = User.objects.select_for_update(no_key=True).only("pk", "department")
    return list(rows.filter(pk__in=list(ids)).order_by("pk"))


def _locked(pk: int) -> ProvisionedGroup:
    """Raises NotFoundException."""
    group = ProvisionedGroup.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if group is None:
        raise NotFoundException(detail=f"There is no Group {pk}.")
    return group


def _values(sent: Group) -> dict[str, str]:
    """The columns that a resource states. Raises InvalidValueException."""
    serializer = GroupSerializer(
        data={"display_name": sent.display_name, "external_id": sent.external_id or ""}
    )
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        raise refused(error) from None
    values = serializer.validated_data
    return values | {"name_key": normalized(values["display_name"])}


def _save(group: ProvisionedGroup, **options) -> None:
    others = ProvisionedGroup.objects.filter(name_key=group.name_key).exclude(pk=group.pk)
    if others.exists():
        raise UniquenessException(detail=TAKEN)
    try:
        group.save(**options)
    except IntegrityError:  # another request was quicker
        raise UniquenessException(detail=TAKEN) from None


def _member_ids(sent: Group) -> set[int]:
    """Raises InvalidValueException for members that can't be people."""
    found = set()
    for member in sent.members or ():
        if (member.type or "User").lower() != "user":
            raise InvalidValueException(detail="members: A group has no groups as members.")
        number = id_of(member.value)
        if number is None:
            raise InvalidValueException(detail=f"members: There is no User {member.value}.")
        found.add(number)
    return found


def _shows_members(parameters: Any) -> bool:
    """Whether an answer with these `attributes` and `excludedAttributes` has the members."""
    if parameters is None:
        return True
    wanted, excluded = _roots(parameters.attributes), _roots(parameters.excluded_attributes)
    return "members" in wanted if wanted else "members" not in excluded


def _roots(paths: Any) -> set[str]:
    return {str(path).lower().rpartition(":")[2].partition(".")[0] for path in paths or ()}
