"""Our server where nobody asks who may: no token, role or id is looked at, no row policy holds.

The tenant stays in each statement's WHERE, so the answers are the same. This is the benchmark's own wiring, done to one
process from outside: the program has no switch for it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import strawberry

from core.principal import Principal
from core.storage import database
from core.storage.connection import Opening, opening_of
from core.storage.listing import EVERYTHING
from engine.batch import Binding
from engine.reading import BINDING
from engine.stock import resolver
from resolvers import references, visibility
from resolvers.context import RequestContext
from texting import operations
from texting.http import GraphQLEndpoint

ROLE = "texting_unguarded"
"""What `texting_app` may, and no row policy holds for it. Only the benchmark's database has it."""

_RULES = ("org", "people", "registration", "correspondence", "audit", "exports")


async def make_role(admin: asyncpg.Connection, login_dsn: str) -> None:
    """Make the role, and let the login user take it."""
    await admin.execute(
        f"CREATE ROLE {ROLE} NOLOGIN BYPASSRLS; GRANT texting_app TO {ROLE}; "
        f'GRANT {ROLE} TO "{urlsplit(login_dsn).username}"'
    )


def let_everybody(schema: strawberry.Schema, principal: Principal) -> None:
    """Take out of this process, before it serves, whatever looks at a token, a role, the tenant of an id or a row."""

    async def known(*_: Any) -> tuple[str, Principal]:
        return "", principal

    @cache
    def opened(isolation: str, _: Any, *, ends: bool) -> Opening:
        begin = f"BEGIN ISOLATION LEVEL {isolation} READ ONLY"
        return opening_of(("COMMIT", begin) if ends else (begin,))

    roles = principal.roles_in(principal.org_id)
    replaced: list[tuple[Any, str, Any]] = [
        (GraphQLEndpoint, "_principal", known),
        (database, "opening", opened),
        (RequestContext, "roles", property(lambda _: roles)),
        (operations, "entered", lambda *_: principal.org_id),
        *((visibility, rule, lambda _: EVERYTHING) for rule in _RULES),
    ]
    for owner, name, instead in replaced:
        assert hasattr(owner, name), f"`{name}` is called otherwise now"
        setattr(owner, name, instead)
    stored: dict[str, Any] = references.STORED  # type: ignore[assignment] # a dictionary, to be read only
    for name, (listing, _) in stored.items():
        stored[name] = (listing, lambda _: EVERYTHING)
    for type_ in schema._schema.type_map.values():
        for field in getattr(type_, "fields", {}).values():
            binding: Binding | None = getattr(field, "extensions", {}).get(BINDING)
            if binding is not None and binding.guard is not None:
                field.extensions[BINDING] = replace(binding, guard=None)
                field.resolve = resolver(field.extensions[BINDING])
