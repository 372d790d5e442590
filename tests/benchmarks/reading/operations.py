"""What is asked: the six operations, and the variables they are asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import get_introspection_query

from tests.benchmarks.reading.filling import Filled

_NUMBER = "primaryNumber { id phoneNumber type state }"
_PAGE = "pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `objects`: about how many it answers; `has_rules`: some of its fields come from rules."""

    name: str
    title: str
    text: str
    variables: Callable[[Filled], list[dict[str, Any]]]
    objects: int
    has_rules: bool = False


def _users(filled: Filled) -> list[dict[str, Any]]:
    return [{"id": filled.gid("User", id)} for id in filled.users]


def _locations(filled: Filled) -> list[dict[str, Any]]:
    return [{"id": filled.gid("Location", id)} for id in filled.locations]


def _org(filled: Filled) -> list[dict[str, Any]]:
    return [{"id": filled.gid("Org", filled.org_id)}]


OPERATIONS = (
    Operation(
        name="a",
        title="user card",
        objects=3,
        variables=_users,
        text=f"query Card($id: ID!) {{ user(id: $id) {{ id displayName email status texting location {{ id name }} "
        f"{_NUMBER} }} }}",
    ),
    Operation(
        name="b",
        title="50-user page",
        objects=102,
        variables=_locations,
        text=f"query Page($id: ID!) {{ location(id: $id) {{ id name users(first: 50) {{ edges {{ cursor node {{ id "
        f"displayName email status {_NUMBER} }} }} {_PAGE} }} }} }}",
    ),
    Operation(
        name="c",
        title="20 locations x 10 users",
        objects=221,
        variables=_org,
        text=f"query Places($id: ID!) {{ org(id: $id) {{ id name locations(first: 20) {{ edges {{ node {{ id name "
        f"users(first: 10) {{ edges {{ node {{ id displayName email }} }} {_PAGE} }} }} }} }} }} }}",
    ),
    Operation(
        name="d",
        title="1,600 objects",
        objects=1_609,
        variables=_org,
        text=f"query List($id: ID!) {{ org(id: $id) {{ id name locations(first: 8) {{ edges {{ node {{ id name "
        f"users(first: 100) {{ edges {{ node {{ id displayName email status {_NUMBER} }} }} }} }} }} }} }} }}",
    ),
    Operation(
        name="e",
        title="page, settings, eligibility",
        objects=252,
        variables=_locations,
        has_rules=True,
        text=f"query Rules($id: ID!) {{ location(id: $id) {{ id name users(first: 50) {{ edges {{ cursor node {{ id "
        f"displayName email status {_NUMBER} effectiveSettings {{ key value state }} eligibility {{ outcome "
        f"prerequisites enabled }} }} }} {_PAGE} }} }} }}",
    ),
    Operation(
        name="f",
        title="100 audit records",
        objects=300,
        variables=lambda _: [{}],
        has_rules=True,
        text="query Records { auditRecords(first: 100) { edges { node { id occurredAt action outcome reason actor { "
        "subject name } target { type id name } before after } } } }",
    ),
)
INTROSPECTION = Operation(
    name="i", title="introspection", objects=0, variables=lambda _: [{}], text=get_introspection_query()
)
