"""Switching texting on and off."""

from core.commands import bulk_toggles, toggles
from core.commands.bulk_toggles import GivenUser
from resolvers.global_ids import id_of
from resolvers.mutations.asked import Asked, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.toggles import SetLocationTextingInput, SetOrgTextingInput, SetUsersTextingInput, SetUserTextingInput

registry = Mutations()


@registry.change("set_org_texting", *toggles.ORG_ACTIONS.values(), *toggles.ORG_LOCK_ACTIONS.values())
def set_org_texting(asked: Asked, input: SetOrgTextingInput) -> Change:
    """Switch an organization (O1, O2)."""
    version, locked = or_none(input.expected_version), or_none(input.locked)
    return Change(
        action=toggles.ORG_ACTIONS[input.enabled],
        command=lambda tx: toggles.set_org_texting(tx, enabled=input.enabled, locked=locked, expected_version=version),
    )


@registry.change("set_location_texting", *toggles.LOCATION_ACTIONS.values(), *toggles.LOCATION_LOCK_ACTIONS.values())
def set_location_texting(asked: Asked, input: SetLocationTextingInput) -> Change:
    """Switch a location (our extension)."""
    location_id, locked = asked.id("location_id"), or_none(input.locked)
    version = or_none(input.expected_version)
    return Change(
        action=toggles.LOCATION_ACTIONS[input.mode],
        command=lambda tx: toggles.set_location_texting(
            tx, location_id, mode=input.mode, locked=locked, expected_version=version
        ),
    )


@registry.change("set_user_texting", *toggles.USER_ACTIONS.values())
def set_user_texting(asked: Asked, input: SetUserTextingInput) -> Change:
    """Switch a user (O3, O4, U1, U3)."""
    user_id, version = asked.id("user_id"), or_none(input.expected_version)
    return Change(
        action=toggles.USER_ACTIONS[input.mode],
        command=lambda tx: toggles.set_user_texting(tx, user_id, mode=input.mode, expected_version=version),
    )


@registry.change("set_users_texting", *toggles.USER_ACTIONS.values())
def set_users_texting(asked: Asked, input: SetUsersTextingInput) -> Change:
    """Switch many users, all of them or none (O4). An id that names nothing there is one of the refusals."""
    users = [GivenUser(given=text, id=id_of(asked.context, text, "User")) for text in input.user_ids]
    return Change(
        action=toggles.USER_ACTIONS[input.mode],
        command=lambda tx: bulk_toggles.set_users_texting(tx, users, mode=input.mode),
    )
