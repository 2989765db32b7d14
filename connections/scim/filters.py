"""Filters and orders of SCIM as conditions of the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import (
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)
from scim2_models import InvalidFilterException, InvalidPathException, ScimFilter, SearchRequest
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)

NOTHING = Q(pk__in=[])
_ORDERS = {
    CompareOperator.gt: ("gt", GreaterThan),
    CompareOperator.ge: ("gte", GreaterThanOrEqual),
    CompareOperator.lt: ("lt", LessThan),
    CompareOperator.le: ("lte", LessThanOrEqual),
}
_PARTS = {
    CompareOperator.co: "contains",
    CompareOperator.sw: "startswith",
    CompareOperator.ew: "endswith",
}


class Column:
    """How an attribute is compared; `compare` never gets None, nor the operator `ne`."""

    name: str

    def compare(self, op: CompareOperator, value: Any) -> Q:
        """Raises InvalidFilterException for what can't be asked of the attribute."""
        raise InvalidFilterException(detail=f"The operator {op} can't be used here.")

    def present(self) -> Q:
        return ~Q(**{self.name: None})


@dataclass(frozen=True)
class Text(Column):
    """Empty texts count as absent. `alternatives` are columns that may be equal instead."""

    name: str
    is_exact: bool = False
    key: Callable[[str], str] = str
    alternatives: tuple[str, ...] = ()

    def compare(self, op, value):
        if not isinstance(value, str) or "\0" in value or not value:
            return NOTHING
        ignoring = "" if self.is_exact else "i"
        if op in _PARTS:
            return Q(**{f"{self.name}__{ignoring}{_PARTS[op]}": self.key(value)})
        if op in _ORDERS:
            _, lookup = _ORDERS[op]
            return ~Q(**{self.name: ""}) & Q(
                lookup(Lower(F(self.name)), Value(self.key(value).lower()))
            )
        found = Q(**{f"{self.name}__{ignoring}exact": self.key(value)})
        for name in self.alternatives:
            found |= Q(**{name: value})
        return found

    def present(self):
        return ~(Q(**{self.name: ""}) | Q(**{self.name: None}))


@dataclass(frozen=True)
class Id(Column):
    name: str = "pk"

    def compare(self, op, value):
        if op is not CompareOperator.eq:
            return super().compare(op, value)
        number = id_of(value)
        return NOTHING if number is None else Q(**{self.name: number})


@dataclass(frozen=True)
class Flag(Column):
    name: str

    def compare(self, op, value):
        return Q(**{self.name: value})


@dataclass(frozen=True)
class Moment(Column):
    name: str

    def compare(self, op, value):
        if op in _ORDERS:
            return Q(**{f"{self.name}__{_ORDERS[op][0]}": value})
        return Q(**{self.name: value}) if op is CompareOperator.eq else super().compare(op, value)


@dataclass(frozen=True)
class Constant(Column):
    """What is the same for every row that has it at all."""

    value: str | bool
    where: Q = field(default_factory=Q)

    def compare(self, op, value):
        if op is not CompareOperator.eq:
            return super().compare(op, value)
        wanted = value.lower() if isinstance(value, str) else value
        own = self.value.lower() if isinstance(self.value, str) else self.value
        return self.where if own == wanted else NOTHING

    def present(self):
        return self.where


@dataclass(frozen=True)
class Related(Column):
    """The id of a row of another table, of which there may be many."""

    rows: QuerySet
    name: str  # the column of `rows` that is compared
    outer: str  # the one that refers to the row asked about

    def compare(self, op, value):
        if op is not CompareOperator.eq:
            return super().compare(op, value)
        number = id_of(value)
        return NOTHING if number is None else Q(self._exists(**{self.name: number}))

    def present(self):
        return Q(self._exists())

    def _exists(self, **conditions) -> Exists:
        return Exists(self.rows.filter(**{self.outer: OuterRef("pk")} | conditions))


Columns = Mapping[str, Column]


def id_of(text: Any) -> int | None:
    """The number that an id stands for; None for a text that is no id of ours."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        return None
    return int(text) if len(text) <= 18 and str(int(text)) == text else None


def condition(scim_filter: ScimFilter, columns: Columns) -> Q:
    """Raises InvalidFilterException."""
    return _Conditions(scim_filter, columns).visit(scim_filter.ast)


def ordering(search: SearchRequest, columns: Columns) -> list:
    """Raises InvalidPathException for an attribute that there is no order by."""
    if search.sort_by is None:
        return [F("pk").asc()]
    column = columns.get(short_name(str(search.sort_by)))
    if not isinstance(column, Text | Flag | Moment | Id):
        raise InvalidPathException(detail=f"There is no order by {search.sort_by}.")
    by: Any = F(column.name)
    if isinstance(column, Text) and not column.is_exact:
        by = Lower(by)
    if search.sort_order is SearchRequest.SortOrder.descending:
        return [by.desc(nulls_last=True), F("pk").desc()]
    return [by.asc(nulls_last=True), F("pk").asc()]


def short_name(path: str) -> str:
    """`username` of `urn:ietf:params:scim:schemas:core:2.0:User:userName`."""
    head, _, name = path.lower().rpartition(":")
    return f"enterprise:{name}" if ":extension:enterprise:" in head else name


class _Conditions(FilterVisitor[Q]):
    def __init__(self, scim_filter: ScimFilter, columns: Columns, within: str = ""):
        self._filter, self._columns, self._within = scim_filter, columns, within

    def visit_comparison(self, node: Comparison) -> Q:
        column, value = self._column(node.attr_path), node.value
        if not self._within:
            binding = self._filter.resolve_comparison(node.attr_path)
            value = coerce_value(binding, value, node.op)
        if value is None:
            return self._null(column, node.op)
        if node.op is CompareOperator.ne:
            return ~column.compare(CompareOperator.eq, value)
        return column.compare(node.op, value)

    def visit_present(self, node: Present) -> Q:
        return self._column(node.attr_path).present()

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        found, *others = map(self.visit, node.terms)
        for other in others:
            found = found & other if node.op is LogicalOperator.and_ else found | other
        return found

    def visit_value_path(self, node: ValuePath) -> Q:
        name = short_name(str(node.attr_path))
        column = self._column(node.attr_path)
        if isinstance(column, Related) and not isinstance(node.val_filter, Comparison):
            raise InvalidFilterException(detail=f'Here only {name}[value eq "…"] can be asked.')
        inner = _Conditions(self._filter, self._columns, within=name)
        return column.present() & inner.visit(node.val_filter)

    def _column(self, path: AttrPath) -> Column:
        name = f"{self._within}.{path.attr.lower()}" if self._within else short_name(str(path))
        if name in self._columns:
            return self._columns[name]
        raise InvalidFilterException(detail=f"There is no filter by {path}.")

    def _null(self, column: Column, op: CompareOperator) -> Q:
        if op is CompareOperator.eq:
            return ~column.present()
        return column.present() if op is CompareOperator.ne else NOTHING
