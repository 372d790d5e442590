"""What an operation costs, in values of its answer: what it might come to beforehand, and what it came to."""

from __future__ import annotations

from typing import Any

import orjson

from texting.answer_size import check_size
from texting.operations import Prepared
from texting.watching import PLANS_SHOWN_TO


def cost_of(prepared: Prepared, data: Any) -> dict[str, int]:
    """Give `extensions.cost`, worked out only where it was asked for.

    `estimated`: the values its pages may hold; `actual`: those it has; `limit`: the most that is executed. Who may see
    plans is told too how many `statements` of the request's snapshot were run, and the `rows` they had.
    """
    operation, limit, context = prepared.operation, prepared.cost_limit, prepared.context
    estimated = check_size(operation.node, operation.fragments, prepared.asked.variables, limit)
    # Parts that the database wrote are text until they are read here.
    cost = {"estimated": estimated, "actual": _values(orjson.loads(orjson.dumps(data))), "limit": limit}
    if context.roles & PLANS_SHOWN_TO:
        cost |= {"statements": context.db.statements, "rows": context.db.rows}
    return cost


def _values(data: Any) -> int:
    count, left = 0, [data]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            count += len(item)
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
    return count
