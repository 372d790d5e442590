"""Users are created and changed with their records, or refused with a reason."""

from core.commands.transaction import Store
from core.commands.users import NewUser, create_user
from tests.integration.worlds import PROVIDER, Role, answer, member, new_email, new_location, new_org


async def test_a_user_is_created(store: Store) -> None:
    org_id = await new_org(store)
    location_id = await new_location(store, org_id)
    wanted = NewUser(location_id=location_id, display_name="Ana", email=new_email())
    made = await answer(store, org_id, member(org_id, Role.ORG_ADMIN), lambda tx: create_user(tx, wanted))
    assert made.type == "UserCreated"
