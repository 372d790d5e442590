"""Brands: whose they are."""

from collections.abc import Sequence
from typing import Any

from core.storage.rows import BrandRow
from engine import Info, Registry
from resolvers.references import resolve_held

registry = Registry()


@registry.bind("Brand.org")
async def brand_org(parents: Sequence[BrandRow], info: Info) -> list[Any]:
    """Find the organization."""
    return await resolve_held(info, "Org", [each.org_id for each in parents])
