"""Erasing personal data: the values behind a person's or a number's digests, with their keys. Every proof stands.

What is destroyed: the names, numbers, e-mails and bodies in the audit log that belong to that subject, and of a user
the name and e-mail of the tombstone and the bodies of messages past retention, with what carriers wrote of them. What
stays: entries, leaves and digests; the numbers in messages and conversations; the opt-outs of a number, which are
honoured for as long as anybody could text it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from audit.disclosure import b64url
from audit.keys import split_digests
from audit.record import AuditKind, Target
from core.commands.fact_versions import FactChange, append
from core.commands.problems import Problems
from core.commands.refusals import Refused, WrongState, invalid, not_found
from core.commands.signing import sign_users
from core.commands.transaction import Answer, Transaction
from core.commands.writes import lock, update
from core.rules.enums import UserStatus
from core.rules.numbers import Problem, parse
from core.storage.rows import UserRow
from core.storage.tables import Users

ERASED_NAME = "Erased user"
LEGAL_BASIS_LENGTH_MAX = 500
"""A legal basis is the name of a law and its article."""

DIGESTS_A_RECORD = 1_000
"""Digests that one erasure record names: 43 characters each, well within an entry's 65,535 bytes."""

_HELD = """
SELECT i.record_id, audit.digests_of(each) AS digests FROM audit.involvement i
CROSS JOIN LATERAL (SELECT disclosures FROM audit.record WHERE org_id = $1 AND id = i.record_id LIMIT 1) r
CROSS JOIN unnest(r.disclosures) AS each
WHERE i.org_id = $1 AND i.subject_id = $2 AND audit.subject_of(each) = $2 ORDER BY i.record_id
"""
# Every subject of a record's values is among those it involves, an actor that is nobody's user aside.
_ERASE = "SELECT audit.erase($1, $2, $3, $4)"
_IS_OURS = "SELECT true FROM texting.phone_numbers WHERE org_id = $1 AND phone_number = $2"
_KEPT_UNTIL = "SELECT max(expires_at) FROM texting.messages WHERE org_id = $1 AND user_id = $2 AND expires_at > $3"
_KEPT_WITH_PEER = """
SELECT max(m.expires_at) FROM texting.conversations c
JOIN texting.messages m ON m.org_id = c.org_id AND m.conversation_id = c.id
WHERE c.org_id = $1 AND c.peer = $2 AND m.expires_at > $3
"""
_ERASE_BODIES = """
UPDATE texting.messages SET body = NULL, body_state = 'ERASED', last_audit_id = $3
WHERE org_id = $1 AND user_id = $2 AND body_state <> 'ERASED'
"""
_ERASE_BODIES_WITH_PEER = """
UPDATE texting.messages SET body = NULL, body_state = 'ERASED', last_audit_id = $3
WHERE org_id = $1 AND body_state <> 'ERASED'
  AND conversation_id IN (SELECT id FROM texting.conversations WHERE org_id = $1 AND peer = $2)
"""
_ERASE_RECEIPTS = """
UPDATE texting.message_events SET raw = NULL WHERE org_id = $1 AND raw IS NOT NULL
  AND message_id IN (SELECT id FROM texting.messages WHERE org_id = $1 AND last_audit_id = $2)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Whose data: a user's, or an outside number's (E.164). Exactly one of them."""

    legal_basis: str
    user_id: UUID | None = None
    number: str | None = None


async def erase_personal_data(tx: Transaction, wanted: Erasure) -> Answer:
    """Erase, unless retention still needs the values (L1; SEC 17a-4 wants them re-creatable until then)."""
    problems = Problems()
    basis = problems.text(("legalBasis",), wanted.legal_basis, longest=LEGAL_BASIS_LENGTH_MAX)
    problems.refuse()
    user = None if wanted.user_id is None else await _user(tx, wanted.user_id)
    if user is not None and wanted.number is None:
        return await _erase_user(tx, user, basis)
    if user is None and wanted.number is not None:
        return await _erase_number(tx, wanted.number, basis)
    raise invalid("userId", "ONE_OF", "whose data is not said, or said twice: give `userId` or `number`")


async def _user(tx: Transaction, user_id: UUID) -> UserRow:
    row = (await lock(tx.connection, Users, tx.org_id, [user_id], UserRow)).get(user_id)
    if row is None:
        raise not_found("userId", tx.global_id("User", user_id))
    return row


async def _erase_user(tx: Transaction, row: UserRow, basis: str) -> Answer:
    user_id: UUID = row.id
    if row.status != UserStatus.DEACTIVATED:
        raise Refused(
            WrongState(message=f"the user is `{row.status}`: only a deactivated user is erased", state=row.status)
        )
    await _refuse_kept(tx, _KEPT_UNTIL, user_id)
    erased = await _erase(tx, Target(type="User", id=user_id), user_id, basis)
    gone = {"display_name": ERASED_NAME, "sort_name": ERASED_NAME.casefold(), "email": None, "email_key": None}
    changes = {user_id: {**gone, "status": UserStatus.ERASED, "last_audit_id": tx.audit_id}}
    await update(tx.connection, Users, tx.org_id, changes, raise_version=True)
    fact = FactChange(
        type="User", id=user_id, facts={"status": UserStatus.ERASED}, valid_from=tx.now, audit_id=tx.audit_id
    )
    await append(tx, [fact])
    await sign_users(tx, [user_id])
    await _erase_texts(tx, _ERASE_BODIES, user_id)
    await _refuse_kept(tx, _KEPT_UNTIL, user_id)
    return _answer(tx, erased)


async def _erase_number(tx: Transaction, given: str, basis: str) -> Answer:
    number = parse(given)
    if isinstance(number, Problem):
        raise invalid("number", number.code, number.message)
    if await tx.connection.fetchval(_IS_OURS, tx.org_id, number.e164):
        # Each text has its sender's number among its values: with ours they would go that retention keeps.
        ours = f"`{number.e164}` is a number of the organization: give one outside, or the user who left"
        raise invalid("number", "OURS", ours)
    await _refuse_kept(tx, _KEPT_WITH_PEER, number.e164)
    subject = tx.pseudonym(number.e164)
    erased = await _erase(tx, Target(type="PhoneNumber", id=subject), subject, basis)
    await _erase_texts(tx, _ERASE_BODIES_WITH_PEER, number.e164)
    await _refuse_kept(tx, _KEPT_WITH_PEER, number.e164)
    return _answer(tx, erased)


async def _erase_texts(tx: Transaction, bodies: str, of: UUID | str) -> None:
    await tx.connection.execute(bodies, tx.org_id, of, tx.audit_id)
    await tx.connection.execute(_ERASE_RECEIPTS, tx.org_id, tx.audit_id)


async def _refuse_kept(tx: Transaction, kept_until: str, of: UUID | str) -> None:
    """Refuse what retention needs; asked before erasing and again after it, for a text may come in between."""
    until: datetime | None = await tx.connection.fetchval(kept_until, tx.org_id, of, tx.now)
    if until is not None:
        raise Refused(
            WrongState(
                message=f"messages are kept until `{until.isoformat()}`: nothing of them may be erased before",
                state="RETAINED",
            )
        )


async def _erase(tx: Transaction, target: Target, subject: UUID, basis: str) -> int:
    """Name the digests in records, then destroy what they stand for; give how many."""
    held = await tx.connection.fetch(_HELD, tx.org_id, subject)
    parts = _parts([_Held(row["record_id"], split_digests(row["digests"])) for row in held]) or [[]]
    ids = [tx.audit_id, *tx.new_ids(len(parts) - 1)]
    if len(parts) > 1:
        tx.correlation_id = str(tx.audit_id)
    await tx.append([_record(tx, target, id, part, basis) for id, part in zip(ids, parts, strict=True)])
    erased = 0
    for id, part in zip(ids, parts, strict=True):
        erased += await tx.connection.fetchval(_ERASE, tx.org_id, subject, [each.record_id for each in part], id)
    return erased


class _Held(NamedTuple):
    """A record, and the digests of the subject's values that it still holds."""

    record_id: UUID
    digests: Sequence[bytes]


def _parts(held: Sequence[_Held]) -> list[list[_Held]]:
    """Spread the digests of records over erasure records, those of one record always together."""
    parts: list[list[_Held]] = []
    room = 0
    for each in held:
        if len(each.digests) > room:
            parts.append([])
            room = DIGESTS_A_RECORD
        parts[-1].append(each)
        room -= len(each.digests)
    return parts


def _record(tx: Transaction, target: Target, id: UUID, held: Sequence[_Held], basis: str) -> Any:
    digests = [digest for each in held for digest in each.digests]
    return tx.describe(
        audit_id=id,
        target=target,
        before=None,
        after={"digests": [b64url(digest) for digest in digests], "legalBasis": basis},
        kind=AuditKind.ERASURE,
    )


def _answer(tx: Transaction, erased: int) -> Answer:
    return Answer(type="PersonalDataErased", refs={"record_ref": str(tx.audit_id)}, values={"erased_count": erased})
