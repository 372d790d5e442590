"""The caller: who am I here, and what may I do."""

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import Role
from schema.node import Node
from schema.references import OrgRef, UserRef


@strawberry.type(description="A role over a scope.")
@readable(EVERYONE, rows="one's own")
class Grant:
    """A role over a scope."""

    role: Role = strawberry.field(description="The role.")

    @batched(description="The organization, location or user it holds for; null for the provider: everywhere.")
    def scope(self) -> Node | None: ...


@strawberry.type(description="The caller.")
@readable(EVERYONE, rows="oneself")
class Viewer:
    """The caller."""

    subject: str = strawberry.field(description="The subject of the caller's token.")

    @batched(description="The roles the caller holds in the organization this operation enters.")
    def roles(self) -> list[Role]: ...

    @batched(description="The caller's own organization; null for callers who have none.")
    def org(self) -> OrgRef | None: ...

    @batched(description="The caller as a texting user; null for people who are none.")
    def user(self) -> UserRef | None: ...

    @batched(
        description="Which role where: a location administrator of which location, an auditor of which organization."
    )
    def grants(self) -> list[Grant]: ...
