"""Many rows in one request: each is checked and written by itself, and has its own result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import transaction
from django.http import Http404
from drf_standardized_errors.formatter import flatten_errors
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from progress.models import User
from progress.operations.locking import retried
from progress.validation.storable import quotable
from progress.validation.unknown_fields import RefusesUnknownFields

MAX_ROWS = 1000
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
INVALID, NOT_WRITTEN = "invalid", "not_written"
STATUSES = (CREATED, UPDATED, UNCHANGED, INVALID, NOT_WRITTEN)


class BulkSerializer(RefusesUnknownFields, serializers.Serializer):
    """What every bulk request has beside its rows; a subclass says what a row is."""

    dry_run = serializers.BooleanField(
        default=False, help_text="Check and count only: nothing is written."
    )
    all_or_nothing = serializers.BooleanField(
        default=False, help_text="Write nothing if any row is invalid."
    )


class BulkRowsSerializer(BulkSerializer):
    """Any rows: what is wrong in one is no matter of the others."""

    rows = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=MAX_ROWS)


class MayWriteSome(BasePermission):
    """For callers with one of the view's `bulk_permissions`; each row is checked by itself."""

    def has_permission(self, request, view):
        user = request.user
        return bool(user and user.is_authenticated) and any(
            map(user.has_perm, view.bulk_permissions)
        )


def writes_by_name(view):
    """Decorates a POST that writes rows of a list by names that other systems know."""
    # Not shared between views: each keeps its description in the dict that `action` makes here.
    decorate = action(
        detail=False, methods=["post"], permission_classes=[MayWriteSome], pagination_class=None
    )
    return decorate(view)


class RowErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True, help_text="The field at fault.")


class RowResultSerializer(serializers.Serializer):
    status = serializers.ChoiceField(
        choices=[(each, each) for each in STATUSES],
        help_text="What was done, or in a dry run would be; `not_written`: right, but left out"
        " because another row is invalid.",
    )
    id = serializers.IntegerField(
        required=False, help_text="The row's id; a new one has none in a dry run."
    )
    errors = RowErrorSerializer(many=True, required=False)


class BulkResultSerializer(serializers.Serializer):
    """The results, in the order of the rows."""

    is_written = serializers.BooleanField()
    results = RowResultSerializer(many=True)


@dataclass(slots=True)
class Result:
    status: str
    id: int | None = None
    errors: list = field(default_factory=list)

    def as_payload(self) -> dict:
        payload: dict[str, Any] = {"status": self.status}
        if self.id is not None:
            payload["id"] = self.id
        if self.errors:
            payload["errors"] = [
                quotable({"code": error.code, "detail": error.detail, "attr": error.attr})
                for error in self.errors
            ]
        return payload


class Rows(Protocol):
    """What the rows of a request need, read at once; `write` does one of them."""

    def __init__(self, rows: list[dict], by: User): ...

    def write(self, row: dict) -> Result: ...


def bulk_response(request, rows_class: Callable[[list[dict], User], Rows]) -> Response:
    """The answer to a bulk request. Raises ValidationError for one that is no such request."""
    serializer = BulkRowsSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    rows = serializer.validated_data.pop("rows")
    payload = run_bulk(
        rows,
        lambda objects: rows_class(objects, request.user).write,
        **serializer.validated_data,
    )
    return Response(payload)


def run_bulk(
    rows: list,
    prepare: Callable[[list[dict]], Callable[[dict], Result]],
    *,
    dry_run: bool,
    all_or_nothing: bool,
) -> dict:
    """Writes the rows in one transaction. Returns the body of the answer.

    `prepare` reads what all rows need, and returns the function that writes one; an exception of
    DRF that it raises makes its row invalid, and undoes what the row wrote.
    """
    results = _written(rows, prepare, dry_run=dry_run, all_or_nothing=all_or_nothing)
    has_failed = any(result.status == INVALID for result in results)
    is_written = not dry_run and not (all_or_nothing and has_failed)
    if not is_written:
        _without_new_ids(results)
    if all_or_nothing and has_failed:
        for result in results:
            if result.status != INVALID:
                result.status = NOT_WRITTEN
    return {"is_written": is_written, "results": [result.as_payload() for result in results]}


@retried
def _written(rows, prepare, *, dry_run: bool, all_or_nothing: bool) -> list[Result]:
    write = prepare([row for row in rows if isinstance(row, dict)])
    with transaction.atomic():
        results = [_result(write, row) for row in rows]
        has_failed = any(result.status == INVALID for result in results)
        if dry_run or (all_or_nothing and has_failed):
            transaction.set_rollback(True)
    return results


def _result(write: Callable[[dict], Result], row) -> Result:
    try:
        if not isinstance(row, dict):
            raise serializers.ValidationError("A row is an object.", "not_a_dict")
        with transaction.atomic():
            return write(row)
    except Http404:
        error: exceptions.APIException = exceptions.NotFound()
    except exceptions.APIException as raised:
        error = raised
    return Result(INVALID, errors=flatten_errors(error.detail))


def _without_new_ids(results: Iterable[Result]) -> None:
    for result in results:
        if result.status == CREATED:
            result.id = None


def not_found(name: str, what: str) -> serializers.ValidationError:
    """The error for a name that is unknown, or of a row that the caller may not see."""
    return serializers.ValidationError({name: f"There is no such {what}."}, "does_not_exist")
