"""Where the protocol reads and writes: people and groups, as one caller may."""

from contextlib import AbstractContextManager

from django.db import transaction
from scim2_models import (
    NotImplementedException,
    PreconditionFailedException,
)
from scim2_server.storage import ScimStorage, SearchPage

from progress.models import User

from .filters import condition, ordering
from .groups import Groups
from .member_changes import WITHOUT_MEMBERS
from .people import People
from .resources import Group


class Storage(ScimStorage):
    """The resources of one request. One that writes locks what it reads, so that what is changed
    at the same moment by another request is changed one after the other."""

    def __init__(self, by: User, *, is_writing: bool):
        people = People(by)
        self._groups = Groups(by, people)
        self._kinds: dict[str, People | Groups] = {"User": people, "Group": self._groups}
        self._is_writing = is_writing

    def operation(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def get(self, resource_type, resource_id, *, response_parameters=None):
        kind = self._kinds[resource_type.name]
        return kind.get(resource_id, response_parameters, is_locked=self._is_writing)

    def search(self, resource_types, search_request, *, position=None):
        if len(resource_types) != 1:
            raise NotImplementedException(detail="Search Users or Groups, one at a time.")
        kind = self._kinds[resource_types[0].name]
        rows = kind.rows(search_request)
        if search_request.filter is not None:
            rows = rows.filter(condition(search_request.filter, kind.columns))
        rows = rows.order_by(*ordering(search_request, kind.columns))
        total, first = rows.count(), search_request.start_index_0 or 0
        if first >= total or not search_request.count:
            return SearchPage(total, [])
        page = rows[first : first + search_request.count]
        return SearchPage(total, [kind.resource(each) for each in page])

    def create(self, resource_type, resource):
        return self._kinds[resource_type.name].create(resource)

    def update(self, resource_type, resource, *, expected_version=None):
        self._check_version(resource_type, resource.id, expected_version)
        return self._kinds[resource_type.name].update(resource)

    def change_members(self, resource_id: str, changes: dict[int, bool]) -> Group:
        return self._groups.change_members(resource_id, changes)

    def delete(self, resource_type, resource_id, *, expected_version=None):
        self._check_version(resource_type, resource_id, expected_version)
        self._kinds[resource_type.name].delete(resource_id)

    def _check_version(self, resource_type, resource_id: str | None, expected: str | None) -> None:
        if expected is None:
            return
        kind = self._kinds[resource_type.name]
        stored = kind.get(resource_id or "", WITHOUT_MEMBERS, is_locked=True)
        if stored.meta is None or stored.meta.version != expected:
            raise PreconditionFailedException
