"""One organization's administrator, who asks for changes of its people and numbers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from core.commands.refusals import InvalidInput, Refusal
from core.commands.transaction import Answer, Store, Transaction, perform
from core.commands.users import NewNumber, NewUser, create_user
from core.principal import Principal, Role
from core.rules.enums import NumberSource, PhoneNumberType
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, answer, attempt, member, new_email, new_location, new_number, new_org

Look = Callable[[UUID], Stored]


class Desk:
    """One organization with two locations, and its administrator who asks."""

    def __init__(self, store: Store, org_id: UUID, here: UUID, there: UUID, look: Stored) -> None:
        self.store, self.org_id, self.here, self.there, self.look = store, org_id, here, there, look
        self.admin = member(org_id, Role.ORG_ADMIN)

    def wanted(self, **told: Any) -> NewUser:
        return NewUser(**{"location_id": self.here, "display_name": "Ana Brown", "email": new_email(), **told})

    async def create(self, who: Principal | None = None, **told: Any) -> UUID:
        made = await self.ask(create_user, self.wanted(**told), who)
        assert isinstance(made, Answer), made
        return UUID(str(made.refs["user_ref"]))

    async def ask(self, command: Any, wanted: Any, who: Principal | None = None, **said: Any) -> Answer | Refusal:
        return await perform(
            self.store, attempt(self.org_id, who or self.admin, **said), lambda tx: command(tx, wanted)
        )

    async def problems(self, command: Any, wanted: Any, who: Principal | None = None) -> list[tuple[str, str]]:
        """The faults that an input is refused for: where, and what."""
        found = await self.ask(command, wanted, who)
        assert isinstance(found, InvalidInput), found
        return [(".".join(each.path), each.code) for each in found.problems]


async def open_desk(store: Store, stored: Look) -> Desk:
    """A new organization without registration."""
    org_id = await new_org(store)
    return Desk(store, org_id, await new_location(store, org_id), await new_location(store, org_id), stored(org_id))


def held(number: str | None = None, **told: Any) -> NewNumber:
    """A number that is handed in with its holder."""
    return NewNumber(
        **{
            "phone_number": number or new_number(),
            "type": PhoneNumberType.PRIMARY,
            "assigned_by": NumberSource.CISCO_CALLING_PLAN,
            **told,
        }
    )


def together(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command for many things as one that answers."""

    async def change(tx: Transaction, wanted: Any) -> Answer:
        await command(tx, wanted)
        return Answer(type="UserUpdated", refs={})

    return change


async def statements(store: Store, org_id: UUID, change: Callable[[Transaction], Any]) -> int:
    """How many statements a change sends, which is carried out; those by which the driver learns types are not ours."""
    sent: list[Any] = []

    async def watched(tx: Transaction) -> Answer:
        tx.connection.add_query_logger(sent.append)
        try:
            await change(tx)
        finally:
            tx.connection.remove_query_logger(sent.append)
        return Answer(type="UserUpdated", refs={})

    await answer(store, org_id, PROVIDER, watched)
    return sum("texting." in each.query or "audit." in each.query for each in sent)
