"""Steps of messages' lives in the order of the log: the only order in which nothing can appear behind its reader.

Times and ids do not give one, for transactions commit out of their order. The record of a step has its place in the
tree once it is sealed, and every later one has a later place.
"""

from typing import Any
from uuid import UUID

from core.storage.database import Reader
from core.storage.pages import Key, Order
from core.storage.rows import MessageEventRow

BY_LEAF = Order(name="messages.steps", keys=("leaf_index", "id"), types=(int, UUID))
"""By the place of the step's record, and within one record by the step."""

_STEPS = """
SELECT l.leaf_index, e.message_id, e.id, e.status, e.occurred_at, e.failure
FROM audit.leaf l
JOIN audit.record r ON r.org_id = l.org_id AND r.id = l.record_id AND r.target_type = 'Message'
JOIN texting.message_events e
  ON e.org_id = l.org_id AND e.message_id = r.target_id AND e.audit_id = r.id AND e.applied
JOIN texting.messages m ON m.org_id = l.org_id AND m.id = e.message_id AND ($6::uuid IS NULL OR m.user_id = $6)
WHERE l.org_id = $1 AND l.leaf_index >= $2 AND (l.leaf_index > $2 OR e.id > $3) AND l.leaf_index < $4
ORDER BY l.leaf_index, e.id LIMIT $5
"""


async def steps(reader: Reader, org: UUID, *, after: Key, below: int, user_id: UUID | None, limit: int) -> list[Any]:
    """Read the steps beyond a place, up to the leaf `below`, in order; `user_id`: of one user's messages.

    Rows are `MessageEventRow` with the `leaf_index`.
    """
    leaf, step = after
    return await reader.fetch_sql(_STEPS, org, leaf, step, below, limit, user_id, row=MessageEventRow)
