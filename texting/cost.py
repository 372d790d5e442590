"""What an operation costs, in values of its answer: what it might come to beforehand, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from texting.answer_size import check_size
from texting.documents import Operation


def cost_of(operation: Operation, variables: Mapping[str, Any], data: Any, limit: int) -> dict[str, int]:
    """Give `extensions.cost`, worked out only where it was asked for.

    `estimated`: the values its pages may hold; `actual`: those it has; `limit`: the most that is executed.
    """
    estimated = check_size(operation.node, operation.fragments, variables, limit)
    # Parts that the database wrote are text until they are read here.
    return {"estimated": estimated, "actual": _values(orjson.loads(orjson.dumps(data))), "limit": limit}


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
