"""A field that is narrower than its type is null with FORBIDDEN for the others; what declares nothing is nobody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
import strawberry

from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from engine import Info, Registry, batched, bind
from schema.access import EVERYONE, STAFF, access_table, allowed, only, readable, readers_of, roles_of
from schema.node import Node
from schema.org import Org

ORG = UUID("018f0000-0000-7000-8000-000000000001")
OTHER = UUID("018f0000-0000-7000-8000-000000000002")


@dataclass(frozen=True, kw_only=True)
class Context:
    """The part of the request's context that guards read."""

    principal: Principal
    org_id: UUID | None


def caller(*grants: Grant, org_id: UUID | None = ORG) -> Context:
    """A caller with these grants who enters that organization."""
    return Context(principal=Principal(subject="ann", name=None, org_id=ORG, grants=grants), org_id=org_id)


@strawberry.type
@readable(EVERYONE, rows="the one")
class Safe:
    """A type with a field for staff."""

    label: str

    @batched(**only(STAFF))
    def secret(self) -> str | None:
        return None


@strawberry.type
class Undeclared:
    """A type that says nothing about who may read it."""

    label: str


@strawberry.type
@readable(EVERYONE, rows="as each field says")
class Query:
    """The root."""

    @batched(**only(EVERYONE))
    def safe(self) -> Safe:
        raise NotImplementedError

    @batched(**only(EVERYONE))
    def undeclared(self) -> Undeclared | None: ...


registry = Registry()
opened: list[int] = []


@registry.bind("Query.safe")
def safe(roots: Sequence[object], info: Info) -> list[Safe]:
    return [Safe(label="box") for _ in roots]


@registry.bind("Query.undeclared")
def undeclared(roots: Sequence[object], info: Info) -> list[None]:
    return [None for _ in roots]


@registry.bind("Safe.secret")
def secret(parents: Sequence[Safe], info: Info) -> list[str]:
    opened.append(len(parents))
    return ["gold" for _ in parents]


SCHEMA = strawberry.Schema(query=Query)
bind(SCHEMA, registry)


async def read(context: Context) -> tuple[object, object]:
    """Ask for the guarded field; data and each error's path and code."""
    opened.clear()
    result = await SCHEMA.execute("{ safe { label secret } }", context_value=context)
    errors = [(error.path, (error.extensions or {}).get("code")) for error in result.errors or ()]
    return result.data, errors


async def test_a_role_that_is_declared_reads_the_field() -> None:
    data, errors = await read(caller(Grant(role=Role.LOCATION_ADMIN, org_id=ORG)))
    assert data == {"safe": {"label": "box", "secret": "gold"}}
    assert errors == []


async def test_any_other_role_gets_null_with_a_code_and_the_field_is_never_asked_for() -> None:
    data, errors = await read(caller(Grant(role=Role.USER, org_id=ORG)))
    assert data == {"safe": {"label": "box", "secret": None}}
    assert errors == [(["safe", "secret"], "FORBIDDEN")]
    assert opened == []


async def test_a_role_in_another_organization_does_not_count() -> None:
    _, errors = await read(caller(Grant(role=Role.USER, org_id=ORG), Grant(role=Role.ORG_ADMIN, org_id=OTHER)))
    assert errors == [(["safe", "secret"], "FORBIDDEN")]


def test_with_no_organization_entered_only_roles_that_hold_everywhere_count() -> None:
    provider, admin = Grant(role=Role.PROVIDER_ADMIN), Grant(role=Role.ORG_ADMIN, org_id=ORG)
    assert roles_of(caller(provider, admin, org_id=None)) == {Role.PROVIDER_ADMIN}
    assert roles_of(caller(admin, org_id=None)) == frozenset()
    assert roles_of(caller(provider, org_id=SYSTEM_ORG_ID)) == {Role.PROVIDER_ADMIN}


def test_a_field_for_everyone_needs_no_guard() -> None:
    assert only(EVERYONE)["guard"] is None
    assert only(STAFF)["guard"] is not None


def test_a_mutation_is_never_guarded_because_its_refusal_is_recorded() -> None:
    declared = allowed(Role.ORG_ADMIN)
    assert declared["guard"] is None
    assert declared["metadata"] == {"roles": {Role.ORG_ADMIN}}


def test_the_table_says_where_nothing_is_declared() -> None:
    rows = {(row.type, row.field): row for row in access_table(SCHEMA)}
    assert rows["Safe", None].rows == "the one"
    assert rows["Safe", "secret"].roles == STAFF
    assert rows["Safe", "label"].roles == EVERYONE
    assert not rows["Safe", "label"].declared
    assert rows["Undeclared", None].roles is None
    assert rows["Undeclared", "label"].roles is None


@pytest.mark.parametrize(
    ("cls", "field", "roles"),
    [
        (Org, None, EVERYONE),
        (Org, "name", EVERYONE),
        (Org, "brand", STAFF),
        (Undeclared, None, set()),
        (Undeclared, "label", set()),
    ],
)
def test_readers_are_those_of_the_field_else_of_its_type_else_nobody(
    cls: type, field: str | None, roles: set[Role]
) -> None:
    assert readers_of(cls, field) == roles


def test_a_declaration_is_not_inherited_from_an_interface() -> None:
    @strawberry.type
    class Heir(Node):
        """A node that declares nothing."""

    assert readers_of(Node) == EVERYONE
    assert readers_of(Heir) == frozenset()
