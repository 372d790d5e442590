"""Erasing personal data."""

from audit.actions import Action
from core.commands.erasures import Erasure, erase_personal_data
from resolvers.mutations.asked import Asked, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.erasures import ErasePersonalDataInput

registry = Mutations()


@registry.change("erase_personal_data", Action.PERSONAL_DATA_ERASE)
def erase(asked: Asked, input: ErasePersonalDataInput) -> Change:
    """Erase a user's or an outside number's data."""
    wanted = Erasure(legal_basis=input.legal_basis, user_id=asked.optional_id("user_id"), number=or_none(input.number))
    return Change(action=Action.PERSONAL_DATA_ERASE, command=lambda tx: erase_personal_data(tx, wanted))
