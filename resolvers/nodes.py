"""Any object by its global id. What is unknown, malformed, of another organization or not visible is null alike."""

from collections.abc import Sequence
from typing import Any

from core.decision_ids import DECISION
from core.ids import GlobalId
from engine import Info, Registry
from resolvers import replay, setting_values
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import parse
from resolvers.references import Ref, resolve_any
from resolvers.setting_values import SETTING

registry = Registry()

IDS_MAX = 100
"""At most so many ids in `nodes`, as on a page."""


@registry.bind("Query.node")
async def node(parents: Sequence[None], info: Info, *, id: str) -> list[Any]:
    """Find one object."""
    return await _find(info, [id]) * len(parents)


@registry.bind("Query.nodes")
async def nodes(parents: Sequence[None], info: Info, *, ids: list[str]) -> list[Any]:
    """Find many objects, in the order of their ids."""
    if len(ids) > IDS_MAX:
        raise BadInput(f"`ids` holds {len(ids)} ids: give at most {IDS_MAX}")
    return [await _find(info, ids)] * len(parents)


async def _find(info: Info, ids: Sequence[str]) -> list[Any]:
    """Find objects of any types, in one statement for each type; what is worked out takes a fixed number of them."""
    context: RequestContext = info.context
    wanted = [parse(context, text) for text in ids]
    worked_out: dict[GlobalId, Any] = {
        **await setting_values.find(context, [each for each in wanted if each and each.type == SETTING]),
        **await replay.find(context, [each for each in wanted if each and each.type == DECISION]),
    }
    found = await resolve_any(info, [Ref(each.type, each.id) if each else None for each in wanted])
    return [
        worked_out.get(each) if each and each.type in {SETTING, DECISION} else other
        for each, other in zip(wanted, found, strict=True)
    ]
