"""Requests that add or remove members by their ids. They are done without reading the other
members: providers fill a group of thousands by one such request for each person."""

from types import SimpleNamespace
from typing import Any

from scim2_models import PatchOp, PatchOperation
from scim2_models.path import AttrPath, CompareOperator, Comparison, ValuePath

from .filters import id_of, short_name

# For reading a group: what `attributes` and `excludedAttributes` say.
WITHOUT_MEMBERS = SimpleNamespace(attributes=None, excluded_attributes=["members"])
_PARTS = {"value", "$ref", "display", "type"}


def member_changes(patch_op: PatchOp) -> dict[int, bool] | None:
    """Whether each person is to be a member afterwards; None for a request of another kind."""
    changes: dict[int, bool] = {}
    for operation in patch_op.operations or ():
        ids = _ids(operation)
        if ids is None or None in ids:
            return None
        changes |= dict.fromkeys(ids, operation.op is PatchOperation.Op.add)
    return changes


def _ids(operation: PatchOperation) -> list[Any] | None:
    """The ids that an operation names, None among them for what is none; None for another kind."""
    if operation.path is None or operation.op is PatchOperation.Op.replace_:
        return None
    node = operation.path.ast
    if isinstance(node, AttrPath):
        return _stated(operation.value) if short_name(str(node)) == "members" else None
    if not isinstance(node, ValuePath) or operation.op is not PatchOperation.Op.remove:
        return None
    inner, is_whole = node.val_filter, operation.value is None and node.sub_attr is None
    if not is_whole or short_name(str(node.attr_path)) != "members":
        return None
    is_id = (
        isinstance(inner, Comparison)
        and inner.op is CompareOperator.eq
        and str(inner.attr_path).lower() == "value"
    )
    return [id_of(inner.value)] if is_id else None


def _stated(value: Any) -> list[Any] | None:
    members = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) and each.keys() <= _PARTS for each in members):
        return None
    if any(str(each.get("type") or "User").lower() != "user" for each in members):
        return None
    return [id_of(each.get("value")) for each in members]
