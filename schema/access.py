"""Who may read what: declared beside each type and field, denied where nothing is declared.

A type says which roles may read it and which of its objects (`rows`, in words: resolvers choose the objects).
A field of it is readable by the same roles unless it says `only(...)`, which also guards it: the others get null and
an error. Query fields always say it themselves, and mutations say who is `allowed` to call them; the decision about a
call is made, and recorded, by the mutation.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypedDict, TypeVar
from uuid import UUID

import strawberry
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from core.principal import LOG_READERS, ORG_READERS, Principal, Role
from engine import Guard, Info

Roles = frozenset[Role]
T = TypeVar("T", bound=type)

PROVIDER: Roles = frozenset({Role.PROVIDER_ADMIN})
WHOLE_ORG: Roles = ORG_READERS
"""Those who read everything an organization holds, bodies and the audit log apart."""
STAFF: Roles = WHOLE_ORG | {Role.LOCATION_ADMIN}
CORRESPONDENCE: Roles = WHOLE_ORG | {Role.USER}
"""Those who read messages and consent, the bodies apart."""
BODIES: Roles = frozenset({Role.COMPLIANCE_OFFICER, Role.USER})
"""Those who read what was written: users their own, compliance officers anybody's, which is recorded."""
AUDIT: Roles = LOG_READERS
"""Those who read every audit record; everybody reads the records of what they did themselves."""
EVERYONE: Roles = frozenset(Role)

READERS = "readers"
ALLOWED = "roles"


class Forbidden(Exception):
    """a field that the caller's roles may not read"""

    extensions = {"code": "FORBIDDEN"}


class AccessContext(Protocol):
    """What a guard needs of the request's context."""

    @property
    def principal(self) -> Principal: ...
    @property
    def org_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeAccess:
    """Who may read a type: `roles`, and in words which of its objects."""

    roles: Roles
    rows: str


class FieldAccess(TypedDict):
    """What `engine.batched` takes to declare access."""

    guard: Guard | None
    metadata: Mapping[str, Roles]


def readable(roles: Roles, rows: str) -> Callable[[T], T]:
    """Declare who may read a type, and in words which of its objects."""

    def declare(cls: T) -> T:
        cls.__access__ = TypeAccess(roles=roles, rows=rows)  # type: ignore[attr-defined]
        return cls

    return declare


def only(roles: Roles) -> FieldAccess:
    """Declare who may read a field, and guard it against the others."""
    return {"guard": None if roles == EVERYONE else _guard(roles), "metadata": {READERS: roles}}


def allowed(*roles: Role) -> FieldAccess:
    """Declare who may call a mutation; not guarded, because a refused call is recorded by the mutation."""
    return {"guard": None, "metadata": {ALLOWED: frozenset(roles)}}


def readers_of(cls: type, field: str | None = None) -> Roles:
    """Roles that may read a type, or one of its fields by Python name; none where nothing is declared."""
    definition = get_object_definition(cls, strict=True)
    declared = next(
        (f.metadata[READERS] for f in definition.fields if f.python_name == field and READERS in f.metadata), None
    )
    if declared is not None:
        return frozenset(declared)
    access = type_access(cls)
    return access.roles if access else frozenset()


def type_access(cls: type) -> TypeAccess | None:
    """The declaration that stands on this very type; one inherited from an interface does not count."""
    definition = get_object_definition(cls, strict=True)
    origin = (definition.concrete_of or definition).origin
    declared = origin.__dict__.get("__access__")
    return declared if isinstance(declared, TypeAccess) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One line of the table: a type where `field` is None, else one of its fields; names are GraphQL's.

    `roles` may read it (a mutation's: may call it), None where nothing is declared; `declared` is false for a field
    that leaves it to its type. `rows` says of a type, in words, which objects.
    """

    type: str
    field: str | None
    roles: Roles | None
    declared: bool
    rows: str | None


def access_table(schema: strawberry.Schema) -> Iterator[AccessRow]:
    """Everything that can be read or called, type by type in the order of their names."""
    convert = schema.config.name_converter
    for name, concrete in sorted(schema.schema_converter.type_map.items()):
        definition = concrete.definition
        if not isinstance(definition, StrawberryObjectDefinition) or definition.is_input:
            continue
        access = type_access(definition.origin)
        of_type = access.roles if access else None
        yield AccessRow(
            type=name, field=None, roles=of_type, declared=access is not None, rows=access.rows if access else None
        )
        for field in definition.fields:
            own = field.metadata.get(ALLOWED, field.metadata.get(READERS))
            yield AccessRow(
                type=name,
                field=convert.from_field(field),
                roles=own if own is not None else of_type,
                declared=own is not None,
                rows=None,
            )


def not_for(info: Info, roles: Roles) -> Forbidden:
    """The error of a field that the caller may not read, naming who may."""
    names = ", ".join(sorted(roles))
    return Forbidden(f"field `{info.field_name}` of `{info.parent_type}` may be read by {names} only")


def roles_of(context: AccessContext) -> Roles:
    """Roles of the caller in the organization entered; with none entered, only those that hold everywhere."""
    principal, org_id = context.principal, context.org_id
    if org_id is not None:
        return principal.roles_in(org_id)
    return frozenset(grant.role for grant in principal.grants if grant.org_id is None)


def _guard(roles: Roles) -> Guard:
    def guard(info: Info) -> Exception | None:
        return None if roles & roles_of(info.context) else not_for(info, roles)

    return guard
