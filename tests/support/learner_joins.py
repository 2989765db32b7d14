"""Which relations of a statement a distributed database could not bring together.

Rows of learners are on many machines; a machine joins only rows of the same learner. So all of a
query's relations of learners must be connected by `user_id`, and so must those of a subquery with
those of an outer query that it asks about. One that stands alone is answered first, and sent along.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

_TEXT = re.compile(r"'(?:[^']|'')*'")
_BEGINS = re.compile(r"\s*(?:SELECT|WITH)\b")
_RELATION = re.compile(r'(?:FROM|JOIN|UPDATE|INTO|,) "(\w+)"(?: (?:AS )?"?([A-Z]{1,2}\d+)"?)?')
_COLUMN = re.compile(r'"?(\w+)"?\."(\w+)"')
_EQUAL = re.compile(r'"?(\w+)"?\."(user_id|id)" = \(?"?(\w+)"?\."(user_id|id)"\)?')
_LOCK = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b")
_ONE_LEARNER = re.compile(r'"?(\w+)"?\."user_id" = \(?(\d+|%s)\)?')

Node = tuple[int, str]  # the query's number, and the alias; or 0 and a learner's number


@dataclass
class _Query:
    number: int
    outer: "_Query | None"
    text: str = ""  # without subqueries
    inner: list["_Query"] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)  # by alias

    def owner(self, alias: str) -> "_Query | None":
        """The query that an alias belongs to, this one or one around it."""
        if alias in self.tables or self.outer is None:
            return self if alias in self.tables else None
        return self.outer.owner(alias)


def apart(sql: str, spread: Collection[str]) -> list[set[str]]:
    """Groups of tables that belong to one query and are not connected by the learner."""
    queries: list[_Query] = []
    _parse(_TEXT.sub("''", sql), 0, None, queries)
    parent: dict[Node, Node] = {}
    for query in queries:
        _connect(query, parent)
    found = []
    for query in queries:
        together = _learners(query, spread)
        if len({_root(parent, node) for node in together}) > 1:
            found.append(set(together.values()))
    return found


def locks_of_several(sql: str, spread: Collection[str]) -> set[str]:
    """Tables of which a statement locks rows without saying whose: one can't do it there."""
    queries: list[_Query] = []
    _parse(_TEXT.sub("''", sql), 0, None, queries)
    found = set()
    for query in queries:
        if _LOCK.search(query.text):
            one = {alias for alias, _ in _ONE_LEARNER.findall(query.text)}
            found |= {table for alias, table in query.tables.items() if alias not in one}
    return found & set(spread)


def _learners(query: _Query, spread: Collection[str]) -> dict[Node, str]:
    """A query's relations of learners, and those of outer ones that it asks about."""
    own = {(query.number, alias): table for alias, table in query.tables.items()}
    asked = {}
    if any(table in spread for table in own.values()):
        for alias, _ in _COLUMN.findall(query.text):
            owner = query.owner(alias)
            if owner is not None and owner is not query:
                asked[owner.number, alias] = owner.tables[alias]
    return {node: table for node, table in (own | asked).items() if table in spread}


def _parse(sql: str, at: int, outer: _Query | None, queries: list[_Query]) -> int:
    """Reads a query up to its closing parenthesis; returns the place after it."""
    query = _Query(len(queries) + 1, outer)
    queries.append(query)
    depth, parts = 0, []
    while at < len(sql):
        character = sql[at]
        if character == "(" and _BEGINS.match(sql, at + 1):
            at = _parse(sql, at + 1, query, queries)
            parts.append("()")
            continue
        depth += (character == "(") - (character == ")")
        if depth < 0:
            at += 1
            break
        parts.append(character)
        at += 1
    query.text = "".join(parts)
    query.tables = {alias or table: table for table, alias in _RELATION.findall(query.text)}
    return at


def _connect(query: _Query, parent: dict[Node, Node]) -> None:
    for left, first, right, second in _EQUAL.findall(query.text):
        nodes = [_node(query, left, first), _node(query, right, second)]
        if None not in nodes:
            parent[_root(parent, nodes[0])] = _root(parent, nodes[1])
    for alias, learner in _ONE_LEARNER.findall(query.text):
        if (node := _node(query, alias, "user_id")) and learner != "%s":
            parent[_root(parent, node)] = _root(parent, (0, learner))


def _node(query: _Query, alias: str, column: str) -> Node | None:
    """The learner of a relation: its `user_id`, or the `id` of an account."""
    owner = query.owner(alias)
    if owner is None or (column == "id") != (owner.tables[alias] == "progress_user"):
        return None
    return owner.number, alias


def _root(parent: dict[Node, Node], node: Node) -> Node:
    while parent.get(node, node) != node:
        node = parent[node]
    return node
