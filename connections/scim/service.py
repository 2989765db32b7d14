"""Who may do what by SCIM, and what a replacement leaves as it is."""

import json

from scim2_models import ForbiddenException, InvalidFilterException
from scim2_server.handler import ScimHandler
from scim2_server.routing import Operation
from scim2_server.service import ScimService

from progress.security import rights

from .member_changes import WITHOUT_MEMBERS, member_changes
from .resources import PROVIDER, EnterpriseUser, Group, Person
from .storage import Storage

_READING = {Operation.query, Operation.search, Operation.search_with_body}
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
_MANAGER = f"{_ENTERPRISE}:manager"
MAX_FILTER = 2000
MAX_NESTING = 20


class Service(ScimService):
    """The protocol. Its requests have the calling account as `subject`."""

    def authorize(self, request, target, resource_type):
        """Reading takes the right to see all people, writing the one to add or change them.

        Which accounts in particular, the storage says.
        """
        by = request.subject
        if target.operation in _READING:
            if not rights.sees_all_people(by):
                raise ForbiddenException(detail="You may not see everybody.")
            return
        permissions = ["progress.change_user"]
        if target.operation is Operation.create and resource_type.name == "User":
            permissions.append("progress.add_user")
        if not any(map(by.has_perm, permissions)):
            raise ForbiddenException(detail="You may not change people.")

    def read_search(self, resource_types, payload):
        for name, text in payload.items() if isinstance(payload, dict) else ():
            if name.lower() == "filter" and isinstance(text, str):
                _check_size(text)
        return super().read_search(resource_types, payload)

    def read_patch(self, resource_type, body, content_type):
        """As Microsoft Entra sends it, too: what it leaves null in a value, it doesn't state."""
        payload = self.decode_body(body, content_type)
        operations = payload.get("Operations") if isinstance(payload, dict) else None
        for operation in operations if isinstance(operations, list) else ():
            if isinstance(operation, dict) and isinstance(operation.get("value"), list):
                operation["value"] = list(map(_without_nulls, operation["value"]))
            if isinstance(operation, dict):
                _write_out_manager(operation)
        return super().read_patch(resource_type, json.dumps(payload).encode(), content_type)


def _write_out_manager(operation: dict) -> None:
    """A manager that Entra sends as an id alone, or as a list of one, as the object that it is."""
    if str(operation.get("path", "")).lower() == _MANAGER:
        operation["value"] = _as_manager(operation.get("value"))
        if operation["value"] is None and str(operation.get("op", "")).lower() != "remove":
            operation["op"] = "remove"
        if operation["value"] is None:
            del operation["value"]
        return
    value = operation.get("value")
    for name in list(value) if isinstance(value, dict) and not operation.get("path") else ():
        if name.lower() == _MANAGER:
            value[name] = _as_manager(value[name])
        elif name.lower() == _ENTERPRISE and isinstance(value[name], dict):
            inner = value[name]
            inner.update(
                {key: _as_manager(inner[key]) for key in inner if key.lower() == "manager"}
            )


def _as_manager(value):
    if isinstance(value, list) and len(value) == 1:
        [value] = value
    if isinstance(value, str):
        return {"value": value} if value else None
    return value


def _without_nulls(value):
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if each is not None}


def _check_size(text: str) -> None:
    depth = deepest = 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    if len(text) > MAX_FILTER or deepest > MAX_NESTING:
        raise InvalidFilterException(
            detail=f"At most {MAX_FILTER} characters, nested at most {MAX_NESTING} times."
        )


SERVICE = Service(PROVIDER)


class Handler(ScimHandler):
    """Calls the protocol and the storage in turn, for one request."""

    storage: Storage

    def patch(self, request):
        # An answer that shows attributes needs the whole group.
        self._is_brief = not request.query
        return super().patch(request)

    def patch_resource(self, resource_type, resource_id, patch_op, conditions):
        is_group = resource_type.name == "Group"
        changes = member_changes(patch_op) if is_group and self._is_brief else None
        if changes is None:
            return super().patch_resource(resource_type, resource_id, patch_op, conditions)
        current = self.storage.get(resource_type, resource_id, response_parameters=WITHOUT_MEMBERS)
        self.service.check_preconditions(current, "PATCH", conditions)
        return self.storage.change_members(resource_id, changes)

    def delete_resource(self, resource_type, resource_id, conditions):
        current = self.storage.get(resource_type, resource_id, response_parameters=WITHOUT_MEMBERS)
        self.service.check_deletion(current, conditions)
        self.storage.delete(resource_type, resource_id)

    def replace_resource(self, resource_type, current, replacement, conditions):
        """Leaves out what a client that doesn't know it would otherwise clear with each PUT."""
        _complete(current, replacement)
        return super().replace_resource(resource_type, current, replacement, conditions)


def _complete(current, replacement) -> None:
    """What a replacement doesn't mention at all stays: a learner may have chosen the time zone
    and the language, groups set the department, and a group without `members` is a new name for
    it."""
    if isinstance(replacement, Person):
        kept = ["timezone", "active"]
        if replacement.locale is None:
            kept.append("preferred_language")
        for name in kept:
            if getattr(replacement, name) is None:
                setattr(replacement, name, getattr(current, name))
        if replacement[EnterpriseUser] is None and current[EnterpriseUser] is not None:
            replacement[EnterpriseUser] = current[EnterpriseUser]
    if isinstance(replacement, Group) and replacement.members is None:
        replacement.members = current.members
