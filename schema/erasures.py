"""Erasing personal data: what its digests in the log stand for is destroyed, every proof stands."""

from typing import Annotated

import strawberry

from core.principal import Role
from schema.access import readable
from schema.inputs import IDEMPOTENCY_KEY, optional
from schema.recorded import Recorded
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, WrongState


@strawberry.input(description="Whose data is erased: exactly one of `userId` and `number`.")
class ErasePersonalDataInput:
    """Whose data is erased."""

    org_id: strawberry.ID = strawberry.field(description="The organization.")
    user_id: strawberry.ID | None = optional("A deactivated user, whose messages are past retention (L1).")
    number: str | None = optional("A number outside, in E.164. Its opt-outs stay, so that they are still honoured.")
    legal_basis: str = strawberry.field(description="The law and article that ask for it; no personal data, please.")
    reason: str = strawberry.field(description="Why, for the record; no personal data, please.")
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="The data was erased.")
@readable(frozenset({Role.COMPLIANCE_OFFICER}), rows="the caller's own change")
class PersonalDataErased(Recorded):
    """The data was erased."""

    erased_count: int = strawberry.field(description="How many values in the log can no longer be shown by anybody.")


ErasureResult = Annotated[
    PersonalDataErased | NotFound | NotAllowed | WrongState | InvalidInput | IdempotencyConflict,
    strawberry.union("ErasureResult", description="How much was erased, or why nothing was."),
]
