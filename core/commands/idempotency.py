"""Idempotency keys: the same caller's same key and body get the same answer for 7 days.

Only an answer is kept. A refused attempt changed nothing, so its key is free for the attempt after the remedy.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.commands.problems import shown
from core.commands.refusals import IdempotencyConflict, Refused, invalid

if TYPE_CHECKING:
    from core.commands.transaction import Answer, Transaction

KEY_LIFE = timedelta(days=7)
KEY_LENGTH_MAX = 255

# The insert waits for a rival that holds the same key, so two requests with one key never both run.
_CLAIM = """
INSERT INTO texting.idempotency_keys
  (org_id, issuer, caller_org_id, subject, key, operation, body_digest, answer, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, '{}', $8)
ON CONFLICT (org_id, issuer, caller_org_id, subject, key) DO UPDATE
  SET operation = excluded.operation, body_digest = excluded.body_digest, answer = excluded.answer,
    created_at = excluded.created_at
  WHERE idempotency_keys.created_at <= $9
RETURNING key
"""
_OF_CALLER = "org_id = $1 AND issuer = $2 AND caller_org_id = $3 AND subject = $4 AND key = $5"
_EARLIER = f"SELECT operation, body_digest, answer FROM texting.idempotency_keys WHERE {_OF_CALLER}"
_KEEP = f"UPDATE texting.idempotency_keys SET answer = $6 WHERE {_OF_CALLER}"


async def claim(tx: "Transaction") -> dict[str, Any] | None:
    """Take the attempt's key; give the earlier answer when it has one. Raises `Refused` when the body differs."""
    attempt = tx.attempt
    if attempt.idempotency_key is None or attempt.dry_run:
        return None
    key = attempt.idempotency_key
    if not (0 < len(key) <= KEY_LENGTH_MAX and key.isprintable()):
        raise invalid(
            "idempotencyKey",
            "MALFORMED",
            f"`{shown(key)}` is no idempotency key: give 1 to {KEY_LENGTH_MAX} printable characters",
        )
    held = (attempt.org_id, *attempt.principal.identity, key)
    won = await tx.connection.fetchval(
        _CLAIM, *held, attempt.operation, attempt.body_digest, attempt.now, attempt.now - KEY_LIFE
    )
    if won is not None:
        return None
    earlier = await tx.connection.fetchrow(_EARLIER, *held)
    assert earlier is not None, "a key that could not be claimed is held"
    if (earlier["operation"], earlier["body_digest"]) != (attempt.operation, attempt.body_digest):
        raise Refused(
            IdempotencyConflict(message=f"the key `{shown(key)}` was used before with other input: use a new key")
        )
    return dict(earlier["answer"])


async def keep(tx: "Transaction", answer: "Answer") -> None:
    """Keep the answer under the attempt's key."""
    attempt = tx.attempt
    if attempt.idempotency_key is not None and not attempt.dry_run:
        held = (attempt.org_id, *attempt.principal.identity, attempt.idempotency_key)
        await tx.connection.execute(_KEEP, *held, asdict(answer))
