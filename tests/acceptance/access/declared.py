"""What the declarations in `schema/` make of an answer: of every field in it, whether its caller should get it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_abstract_type

from core.principal import Role
from schema.access import Roles, access_table
from schema.api import build_schema
from schema.node import CrossOrg

SCHEMA = build_schema()
CORE = SCHEMA._schema
QUERIES = list(CORE.type_map["Query"].fields)  # type: ignore[attr-defined]
STREAMS = list(CORE.type_map["Subscription"].fields)  # type: ignore[attr-defined]
NODES = [each.name for each in CORE.get_implementations(CORE.type_map["Node"]).objects]  # type: ignore[arg-type]
_TABLE = {(row.type, row.field): row for row in access_table(SCHEMA)}

CROSS_ORG = {
    name
    for name, declared in CORE.query_type.fields.items()  # type: ignore[union-attr]
    if any(isinstance(each, CrossOrg) for each in declared.extensions["strawberry-definition"].directives)
}
"""Root fields that tell of several organizations, of each as much as can be told without entering it."""

Place = tuple[str, str]
"""A type and one of its fields."""

_Path = tuple[str | int, ...]


def readers(type: str, field: str | None = None) -> Roles:
    """Who may read a type, or one of its fields; who may call a mutation."""
    roles = _TABLE[type, field].roles
    assert roles, f"`{type}.{field or '*'}` declares no roles"
    return roles


def compared(answer: Mapping[str, Any], root: str, role: Role) -> set[Place]:
    """Compare an answer with the declarations, field by field; give the fields that it holds.

    Its objects say their `__typename`, and its fields have their own names; an alias of a root field begins with the
    field's name and an underscore. A field that is not for the role must be null and have the error FORBIDDEN, exactly
    there; every other error, and every object that is not for the role, fails. Only what `@crossOrg` fields show of
    other organizations may be left out, and say so.
    """
    comparison = _Comparison(role)
    comparison.object(root, answer["data"], ())
    comparison.errors(answer.get("errors", ()))
    assert not comparison.faults, "\n".join(comparison.faults)
    return comparison.places


class _Comparison:
    """One answer to somebody with one role: the fields met, the errors that they should have, what is not so."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._due: dict[_Path, str] = {}
        self.places: set[Place] = set()
        self.faults: list[str] = []

    def object(self, type: str, value: Mapping[str, Any], path: _Path) -> None:
        """Compare the fields of an object. A mutation's field is for everybody: it answers, if only with a refusal."""
        if self._role not in readers(type):
            self.faults.append(f"{path}: {self._role} was given a {type}")
        for key, inner in value.items():
            field, here = key.partition("_")[0], (*path, key)
            if key.startswith("__"):
                continue
            self.places.add((type, field))
            if type != "Mutation" and self._role not in readers(type, field):
                self._due[here] = "FORBIDDEN"
                if inner is not None:
                    self.faults.append(f"{here}: {self._role} was given `{type}.{field}`")
            else:
                self._value(inner, here)

    def errors(self, errors: Sequence[Mapping[str, Any]]) -> None:
        """Compare the errors with those that are due."""
        told = {tuple(each.get("path", ())): each["extensions"]["code"] for each in errors}
        for path in {**told, **self._due}:
            is_elsewhere = path not in self._due and told[path] == "ONE_ORG_PER_OPERATION" and path[0] in CROSS_ORG
            if told.get(path) != self._due.get(path) and not is_elsewhere:
                self.faults.append(f"{path}: told {told.get(path)}, due {self._due.get(path)}")

    def _value(self, value: Any, path: _Path) -> None:
        if isinstance(value, list):
            for at, each in enumerate(value):
                self._value(each, (*path, at))
        elif isinstance(value, dict) and "__typename" in value:
            self.object(value["__typename"], value, path)


def shown_to(role: Role, root: str) -> set[Place]:
    """Every field that a role can come across below a root type, those that it may not read too."""
    found: set[Place] = set()
    left, met = [root], {root}
    while left:
        type = left.pop()
        for field, declared in CORE.type_map[type].fields.items():  # type: ignore[union-attr]
            found.add((type, field))
            if role not in readers(type, field):
                continue
            for name in _members(get_named_type(declared.type)):
                if name not in met and role in readers(name) and not _is_never(name, role):
                    met.add(name)
                    left.append(name)
    return found


def _members(named: Any) -> Iterator[str]:
    if isinstance(named, GraphQLObjectType):
        yield named.name
    elif is_abstract_type(named):
        yield from (each.name for each in CORE.get_possible_types(named))


def _is_never(type: str, role: Role) -> bool:
    """Whether a list has no edges for a role, because its nodes are not for it."""
    if not type.endswith("Edge"):
        return False
    node = CORE.type_map[type].fields["node"]  # type: ignore[union-attr]
    return role not in readers(get_named_type(node.type).name)


class Rows(Enum):
    """Which objects of a type a role sees."""

    NONE = auto()
    OWN = auto()
    """One's own, as a texting user."""
    ADMINISTERED = auto()
    """Those of the locations administered."""
    DONE = auto()
    """What one did oneself."""
    REPORTS = auto()
    """Exports that are reports."""
    ALL = auto()


_WORDS = {
    "one's own": Rows.OWN,
    "oneself": Rows.OWN,
    "those that decide one's own conversations": Rows.OWN,
    "those administered": Rows.ADMINISTERED,
    "those of the locations administered": Rows.ADMINISTERED,
    "of users in the locations administered": Rows.ADMINISTERED,
    "those of what they did themselves": Rows.DONE,
    "every one": Rows.ALL,
    "every report": Rows.REPORTS,
    "every one of the organization": Rows.ALL,
    "of the organization": Rows.ALL,
    "an organization that the caller has a grant for": Rows.ALL,
}
"""What the words of `readable(…, rows=…)` say, which stand as `ROLE and ROLE: these; others: those`."""


def rows(type: str, role: Role) -> Rows:
    """Which objects of a type a role sees, by the words of its declaration; `as the …`: all that it is led to."""
    words = _TABLE[type, None].rows or ""
    if role not in readers(type):
        return Rows.NONE
    if words.startswith("as "):
        return Rows.ALL
    said = dict(re.findall(r"(\w+(?: and \w+)*): ([^;]+)", words))
    return _WORDS[next((what for who, what in said.items() if role in who.split(" and ")), said.get("others", words))]
