"""Accounts as SCIM users.

They are written as the API writes them: `LearnerSerializer` checks and normalises, `deactivating`
ends what is open, and `rights` decides which accounts the caller may change.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from scim2_models import ForbiddenException, Meta, NotFoundException, UniquenessException

from connections.models import GroupMembership, ProvisionedPerson
from connections.models.provisioning import MAX_NAME
from progress.api.learner_rows import MORE_RIGHTS
from progress.api.learner_serializer import MAX_ID, LearnerSerializer
from progress.ingest import deactivating
from progress.models import RowChange, User
from progress.models.marks import makes_tests
from progress.security import rights
from progress.validation.languages import closest
from progress.validation.usernames import normalized, normalized_address

from . import groups
from .filters import Constant, Flag, Id, Moment, Related, Text, id_of
from .refusals import refused
from .resources import Email, EnterpriseUser, GroupOfUser, Manager, Name, Person

RESOURCE_TYPE = "User"
_HAS_ADDRESS = ~Q(email="")
COLUMNS = {
    "id": Id(),
    "username": Text("username_key", key=normalized, alternatives=("username",)),
    "externalid": Text("external_id", is_exact=True),
    "displayname": Text("full_name"),
    "name.formatted": Text("full_name"),
    "name.givenname": Text("provisioned__given_name"),
    "name.familyname": Text("provisioned__family_name"),
    "active": Flag("is_active"),
    "timezone": Text("time_zone"),
    "preferredlanguage": Text("language"),
    "emails": Text("email", key=normalized_address),
    "emails.value": Text("email", key=normalized_address),
    "emails.type": Constant("work", _HAS_ADDRESS),
    "emails.primary": Constant(True, _HAS_ADDRESS),
    "enterprise:department": Text("department"),
    "enterprise:manager": Id("manager_id"),
    "enterprise:manager.value": Id("manager_id"),
    "groups": Related(GroupMembership.objects.all(), "group_id", "user_id"),
    "groups.value": Related(GroupMembership.objects.all(), "group_id", "user_id"),
    "meta.resourcetype": Constant(RESOURCE_TYPE),
    "meta.created": Moment("date_joined"),
    "meta.lastmodified": Moment("modified_at"),
}
# An account's row is noted by a trigger a moment after the time that it says it was made.
_SAME_MOMENT = timedelta(seconds=1)
_DELETED = Q(provisioned__deleted_at__isnull=False, is_active=False)


class People:
    """The accounts that `by` sees."""

    columns = COLUMNS

    def __init__(self, by: User):
        self._by = by

    # --- Reading ---------------------------------------------------------------------------------
    def rows(self, parameters: Any = None) -> QuerySet[User]:
        return _with_details(self.present())

    def present(self) -> QuerySet[User]:
        return rights.visible_people(self._by).exclude(_DELETED)

    def get(self, resource_id: str, parameters: Any = None, *, is_locked: bool = False) -> Person:
        """Raises NotFoundException."""
        pk = id_of(resource_id)
        if is_locked and pk is not None:
            _locked(pk)
        person = self.rows().filter(pk=pk).first() if pk is not None else None
        if person is None:
            raise NotFoundException(detail=f"There is no User {resource_id}.")
        return self.resource(person)

    def _stored(self, pk: int) -> Person:
        """What was just written, also for a caller who may not see everybody."""
        return self.resource(_with_details(User.objects.filter(pk=pk)).get())

    def resource(self, person: User) -> Person:
        resource = Person(
            id=str(person.pk),
            external_id=person.external_id,
            user_name=person.username,
            timezone=person.time_zone,
            preferred_language=person.language or None,
            active=person.is_active,
        )
        _set_names(resource, person)
        if person.email:
            resource.emails = [Email(value=person.email, type="work", primary=True)]
        memberships = person.provisioned_groups.all()
        if memberships:
            resource.groups = [
                GroupOfUser(
                    value=str(each.group_id),
                    ref=f"Groups/{each.group_id}",
                    display=each.group.display_name,
                    type="direct",
                )
                for each in memberships
            ]
        if person.department or person.manager:
            resource[EnterpriseUser] = EnterpriseUser(
                department=person.department or None,
                manager=person.manager and _manager(person.manager),
            )
        changed = person.modified_at
        is_new = changed - person.date_joined < _SAME_MOMENT
        resource.meta = Meta(
            resource_type=RESOURCE_TYPE,
            created=person.date_joined,
            last_modified=person.date_joined if is_new else changed,
            version=_version(resource),
        )
        return resource

    # --- Writing ---------------------------------------------------------------------------------
    def create(self, sent: Person) -> Person:
        """A new account, or one that was deleted, which is taken up again."""
        values = {name: value for name, value in _values(sent).items() if value not in (None, "")}
        values |= {"full_name": _full_name(sent, "", None)} if _names(sent) else {}
        person = self._deleted(values)
        if person is None:
            if not self._by.has_perm("progress.add_user"):
                raise ForbiddenException(detail="You may not add people.")
            person = self._saved(data=values)
        else:
            self._refuse(person)
            person = self._saved(person, data=values, partial=True)
            deactivating.reactivate([person.pk])
        self._note(person, sent, deleted_at=None)
        if sent.active is False:
            deactivating.deactivate([person.pk], now=timezone.now())
        return self._stored(person.pk)

    def update(self, sent: Person) -> Person:
        person = _locked(int(sent.id or ""))
        provisioned = ProvisionedPerson.objects.filter(pk=person.pk).first()
        self._refuse(person)
        if sent.active is False and person.is_active:
            self._refuse_own(person)
        values = _values(sent)
        values["full_name"] = _full_name(sent, person.full_name, provisioned)
        extension = sent[EnterpriseUser]
        values["department"] = (extension and extension.department) or ""
        values.setdefault("manager_id", None)
        if values["time_zone"] is None:
            values["time_zone"] = "UTC"
        person = self._saved(person, data=values, partial=True)
        self._note(person, sent)
        if sent.active is False:
            deactivating.deactivate([person.pk], now=timezone.now())
        elif sent.active:
            deactivating.reactivate([person.pk])
        return self._stored(person.pk)

    def delete(self, resource_id: str) -> None:
        """The account is closed and leaves its groups. Its progress, and its department, stay."""
        person = _locked(int(resource_id))
        self._refuse(person)
        self._refuse_own(person)
        now = timezone.now()
        deactivating.deactivate([person.pk], now=now)
        groups.forget(person.pk)
        ProvisionedPerson.objects.update_or_create(user=person, defaults={"deleted_at": now})

    def _deleted(self, values: dict) -> User | None:
        """The deleted account with this name or external id, if there is one."""
        if "\0" in f"{values.get('username')}{values.get('external_id')}":
            return None  # no name: the serializer refuses it
        deleted = rights.visible_people(self._by).filter(_DELETED)
        named = Q(username_key=normalized(str(values.get("username", ""))))
        found = deleted.filter(named).order_by("pk").first()
        if found is None and (external_id := values.get("external_id")):
            found = deleted.filter(external_id=external_id).first()
        return found and _locked(found.pk)

    def _refuse(self, person: User) -> None:
        """Raises ForbiddenException unless the caller may change the account."""
        if not self._by.has_perm("progress.change_user"):
            raise ForbiddenException(detail="You may not change people who are there already.")
        if rights.exceeds(person, self._by):
            raise ForbiddenException(detail=MORE_RIGHTS)

    def _refuse_own(self, person: User) -> None:
        if person.pk == self._by.pk:
            raise ForbiddenException(detail="This is your own account.")

    def _saved(self, *person: User, **options) -> User:
        """Raises InvalidValueException and UniquenessException."""
        serializer = LearnerSerializer(*person, **options, context={"by": self._by})
        try:
            serializer.is_valid(raise_exception=True)
            if serializer.instance is None:
                return serializer.save(is_test=makes_tests(self._by))
            return serializer.save()
        except ValidationError as error:
            raise refused(error) from None
        except IntegrityError:  # another request was quicker
            raise UniquenessException(detail="userName or externalId: It is taken.") from None

    def _note(self, person: User, sent: Person, **more) -> None:
        name = sent.name or Name()
        noted = {
            "full_name": person.full_name,
            "display_name": _cut(sent.display_name),
            "formatted_name": _cut(name.formatted),
            "given_name": _cut(name.given_name),
            "family_name": _cut(name.family_name),
        }
        ProvisionedPerson.objects.update_or_create(user=person, defaults=noted | more)


def _with_details(people: QuerySet[User]) -> QuerySet[User]:
    """With the time of the last change, the names that clients gave, and the groups."""
    changed = RowChange.objects.filter(
        table_name=User._meta.db_table, row_id=OuterRef("pk"), is_deleted=False
    ).values("changed_at")
    memberships = GroupMembership.objects.select_related("group").order_by("pk")
    return (
        people.select_related("provisioned", "manager")
        .prefetch_related(Prefetch("provisioned_groups", memberships))
        .annotate(modified_at=Coalesce(Subquery(changed), "date_joined"))
    )


def _locked(pk: int) -> User:
    """Raises NotFoundException. Rows that refer to the account can be added meanwhile."""
    person = User.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if person is None:
        raise NotFoundException(detail=f"There is no User {pk}.")
    return person


def _values(sent: Person) -> dict[str, Any]:
    """The columns that a resource states; a password only where one was sent."""
    values = {
        "username": sent.user_name,
        "external_id": sent.external_id or None,
        "email": _address(sent) or "",
        "time_zone": sent.timezone,
        "language": closest(sent.preferred_language or sent.locale or ""),
    }
    extension = sent[EnterpriseUser]
    if extension and extension.department:
        values["department"] = extension.department
    if extension and extension.manager and extension.manager.value:
        # No id of ours is refused as an unknown one is.
        values["manager_id"] = id_of(extension.manager.value) or MAX_ID
    return values | ({"password": sent.password} if sent.password else {})


def _manager(manager: User) -> Manager:
    return Manager(value=str(manager.pk), ref=f"Users/{manager.pk}")


def _address(sent: Person) -> str | None:
    """The primary address, else the one for work, else the first."""
    given = [each for each in sent.emails or () if each.value]
    ranked = sorted(given, key=lambda each: (not each.primary, (each.type or "").lower() != "work"))
    return ranked[0].value if ranked else None


# --- Names ---------------------------------------------------------------------------------------
def _names(sent: Person) -> list[str]:
    """What the person may be called, by what a resource states; best first."""
    name = sent.name or Name()
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    return [text for text in (sent.display_name, name.formatted, parts) if text]


def _full_name(sent: Person, before: str, noted: ProvisionedPerson | None) -> str:
    """The name after a change: the best one among those that are new, else of those stated."""
    stated = _names(sent)
    known = {before} | (set(_noted_names(noted)) if noted and noted.full_name == before else set())
    new = [name for name in stated if name not in known]
    return (new or ([before] if before in stated else stated) or [""])[0]


def _noted_names(noted: ProvisionedPerson) -> list[str]:
    parts = " ".join(filter(None, (noted.given_name, noted.family_name)))
    return [noted.display_name, noted.formatted_name, parts]


def _set_names(resource: Person, person: User) -> None:
    """As a client named the person, as long as no other name has been given since; else the
    account's one name."""
    noted: ProvisionedPerson | None = getattr(person, "provisioned", None)
    if noted is None or noted.full_name != person.full_name:
        full_name = person.full_name or None
        resource.display_name = full_name
        resource.name = full_name and Name(formatted=full_name)
        return
    parts = {
        "formatted": noted.formatted_name or None,
        "given_name": noted.given_name or None,
        "family_name": noted.family_name or None,
    }
    resource.display_name = noted.display_name or None
    resource.name = Name(**parts) if any(parts.values()) else None


def _cut(text: str | None) -> str:
    return (text or "").replace("\0", "")[:MAX_NAME]


def _version(resource: Person) -> str:
    shown = json.dumps(resource.model_dump(), sort_keys=True, default=str)
    return f'W/"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'
