"""The schema as a whole."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS, UnsignedInt64
from schema.subscription import Subscription


def build_schema() -> strawberry.Schema:
    """Build the schema; its batched fields answer nothing before `engine.bind` has seen it."""
    config = StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS)
    return strawberry.Schema(
        query=Query, mutation=Mutation, subscription=Subscription, types=[UnsignedInt64], config=config
    )
