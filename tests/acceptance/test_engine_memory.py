"""A stream of documents, each asked once, leaves the caches of plans and of documents under their bounds."""

import gc
import tracemalloc
from uuid import UUID

import pytest
from graphql import GraphQLSchema, execute

from core.principal import Grant, Principal, Role
from engine import CompiledExecutor
from engine.cache import OPERATIONS_KEPT, PlanCache
from schema.api import build_schema
from tests.acceptance.made.values import World, made_schema
from texting.documents import Documents

BYTES_KEPT = 6_000_000
ORG_ID = UUID(int=7)
CALLER = Principal(subject="s", name=None, org_id=ORG_ID, grants=(Grant(role=Role.ORG_ADMIN, org_id=ORG_ID),))
CARD = (
    "id displayName email location { name texting org { id name } } phoneNumbers { id phoneNumber type } org { name }"
)


class Executor(CompiledExecutor):
    """With a cache of its own."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return made_schema(build_schema)


def ask(schema: GraphQLSchema, documents: Documents, text: str, seed: int) -> None:
    read = documents.read(text)
    assert not read.errors, read.errors
    world = World(seed=seed, later=False, principal=CALLER, org_id=ORG_ID)
    execute(schema, read.tree, context_value=world, executor_class=Executor)


def document(number: int, users: int) -> str:
    cards = " ".join(f'u{at}: user(id: "{at}") {{ {CARD} }}' for at in range(users))
    return f"query Q{number} {{ {cards} }}"


def test_plans_take_no_more_bytes_than_they_say(schema: GraphQLSchema):
    Executor.plans = PlanCache(bytes_kept=BYTES_KEPT)
    documents = Documents(schema, token_limit=10_000)
    ask(schema, documents, document(0, 12), 1)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1, 201):
            # A reader of its own each time: what remains is what the plans hold.
            ask(schema, Documents(schema, token_limit=10_000), document(number, 12), number)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 10 < len(Executor.plans) < 200
    assert Executor.plans.bytes < BYTES_KEPT * 1.1
    assert taken < BYTES_KEPT * 1.25


def test_many_small_ones_are_bounded_by_their_number(schema: GraphQLSchema):
    Executor.plans = PlanCache()
    for number in range(OPERATIONS_KEPT + 20):
        ask(schema, Documents(schema, token_limit=100), f"query Q{number} {{ viewer {{ subject }} }}", number)
    assert len(Executor.plans) == OPERATIONS_KEPT


def test_a_plan_that_grows_while_it_is_kept_displaces_others(schema: GraphQLSchema):
    Executor.plans = PlanCache(bytes_kept=400_000)
    documents = Documents(schema, token_limit=10_000)
    texts = [document(number, 2) for number in range(40)]
    for seed in range(20):
        for text in texts:
            ask(schema, documents, text, seed)
            assert Executor.plans.bytes < 400_000 + 60_000
