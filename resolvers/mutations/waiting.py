"""Waiting for a change's evidence: `Prefer: wait=N` (RFC 7240) answers once it is sealed, or after N seconds."""

import asyncio
from collections.abc import Iterable
from time import monotonic
from uuid import UUID

from core.commands.transaction import Answer
from core.storage.audit_trees import leaf_indexes
from resolvers.context import RequestContext

POLL_S = 0.05
"""The sealer works every 150 ms."""


async def until_sealed(context: RequestContext, answer: Answer) -> None:
    """Wait until the records that a change left have their places, for as long as the request wants."""
    ids = set(_records(answer)) if context.wait_s else set()
    until = monotonic() + context.wait_s
    while ids:
        sealed = await leaf_indexes(context.db, context.org_id, ids)
        # Each look is a snapshot of its own, and nobody keeps a connection while waiting.
        await context.db.renew()
        if len(sealed) == len(ids) or monotonic() >= until:
            return
        await asyncio.sleep(POLL_S)


def _records(answer: Answer) -> Iterable[UUID]:
    one, many = answer.refs.get("record_ref"), answer.refs.get("record_refs") or ()
    yield from (UUID(each) for each in (*([one] if isinstance(one, str) else ()), *many))
