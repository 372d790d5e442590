"""The compiled executor gives the data and the errors that graphql-core's own gives, whatever is asked."""

from __future__ import annotations

import re
from typing import Any

import graphql
import pytest
from graphql import ExecutionResult, NoUnusedVariablesRule, parse, specified_rules, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine import CompiledExecutor
from tests.unit.engine.comparing import compare, errors
from tests.unit.engine.directory import Context, directory
from tests.unit.engine.documents import VARIABLES, documents
from tests.unit.engine.wide import made

pytestmark = pytest.mark.usefixtures("leftovers_unheard")


def at_once(_: str) -> int:
    return 0


def later(_: str) -> int:
    return 1


def mixed(name: str) -> int:
    return len(name) % 4


WAYS = {"at once": at_once, "later": later, "mixed": mixed}
SCHEMAS = {way: made(None, late=late)._schema for way, late in WAYS.items()}
DIRECTORY = directory()._schema
WIDE = SCHEMAS["mixed"]


NEEDS_A_LOOP = re.compile(r"\b(later|breaksLater|streamed|uneven)\b")
"""Fields whose own resolvers are asynchronous, and one whose error says how many parents were asked at once."""
EXECUTORS = (None, CompiledExecutor)
OTHERWISE = {**VARIABLES, "yes": False, "no": True, "number": 1, "none": [2]}
RULES = [rule for rule in specified_rules if rule is not NoUnusedVariablesRule]


async def executed(schema: Any, tree: Any, executor: Any, variables: Any) -> ExecutionResult:
    result = graphql.execute(
        schema, tree, variable_values=dict(variables), context_value=Context(), executor_class=executor
    )
    return result if isinstance(result, ExecutionResult) else await result


def without_propagation(document: str) -> Any:
    """Let every failed place be null by itself: then every error is there."""
    head, brace, rest = document.partition(") {")
    return parse(f"{head}) @experimental_disableErrorPropagation {brace[2:]}{rest}")


async def check(schema: Any, document: str) -> None:
    """Execute a document by both; again, as it is kept by then, with every condition the other way round."""
    tree, free = parse(document), without_propagation(document)
    compiled_before = CompiledExecutor.tally.compiled
    all_stock, all_compiled = [await executed(schema, free, executor, VARIABLES) for executor in EXECUTORS]
    assert (all_compiled.data, errors(all_compiled)) == (all_stock.data, errors(all_stock))
    stock, compiled = [await executed(schema, tree, executor, VARIABLES) for executor in EXECUTORS]
    compare(stock, compiled, errors(all_stock))
    compare(*[await executed(schema, tree, executor, OTHERWISE) for executor in EXECUTORS])
    again = await executed(schema, tree, CompiledExecutor, VARIABLES)
    assert (again.data, errors(again)) == (compiled.data, errors(compiled))
    assert CompiledExecutor.tally.compiled == compiled_before + 4


# Shrinking such documents takes minutes: add the phase when one fails.
generated = settings(
    max_examples=80,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def valid(schema: Any, operation: str = "query") -> st.SearchStrategy[str]:
    return documents(schema, operation).filter(lambda document: not validate(schema, parse(document), RULES))


@generated
@given(valid(WIDE), st.sampled_from(sorted(WAYS)))
async def test_queries_of_everything_have_the_same_answers(document: str, way: str) -> None:
    await check(SCHEMAS[way], document)


@settings(generated, max_examples=30)
@given(valid(WIDE, "mutation"), st.sampled_from(sorted(WAYS)))
async def test_mutations_of_everything_have_the_same_answers(document: str, way: str) -> None:
    await check(SCHEMAS[way], document)


@settings(generated, max_examples=30)
@given(valid(DIRECTORY))
async def test_queries_of_the_directory_have_the_same_answers(document: str) -> None:
    await check(DIRECTORY, document)


@settings(generated, max_examples=30)
@given(valid(WIDE).filter(lambda document: not NEEDS_A_LOOP.search(document)))
def test_queries_without_an_event_loop(document: str) -> None:
    def executed_now(tree: Any, executor: Any) -> ExecutionResult:
        return graphql.execute_sync(SCHEMAS["at once"], tree, variable_values=dict(VARIABLES), executor_class=executor)

    tree, free = parse(document), without_propagation(document)
    (stock, compiled), (all_stock, all_compiled) = (
        [executed_now(each, executor) for executor in EXECUTORS] for each in (tree, free)
    )
    assert (all_compiled.data, errors(all_compiled)) == (all_stock.data, errors(all_stock))
    compare(stock, compiled, errors(all_stock))


@pytest.mark.parametrize("way", sorted(WAYS))
async def test_a_document_with_everything(way: str) -> None:
    fields = "id text size kind wrongKind fragile hard missing number plain(by: 3) later breaks breaksLater guarded"
    leaf = f"{{ __typename {fields.replace(' size', '').replace(' hard', '').replace(' missing', '')} peer {{ id }} }}"
    document = f"""query Asked($yes: Boolean!) {{
        branches(keys: [1, 2, 3]) {{
            id name leaves(first: 3) {leaf} spanned(span: {{first: 1}}, keys: [7]) {leaf} holes {leaf} torn {leaf}
            matrix {leaf} hardMatrix {leaf} things {{ ... on Leaf {leaf} ... on Branch {{ id }} }} texts noList uneven
            thing {{ ... on Leaf {{ id }} ... on Branch {{ id name }} }} lost {{ id }} inner {leaf} streamed {leaf}
            below {{ leaves {{ size hard missing }} below {{ id below {{ firstLeaf {{ missing }} }} }} }}
        }}
        nodes {{ id peer {{ id peer {{ __typename }} }} }} things {{ ... on Branch {{ name }} }} refused {{ id }}
        later {{ id @include(if: $yes) }} plain {{ name }} nothing {{ id }} branch(key: 13) {{ id }}
    }}"""
    await check(SCHEMAS[way], document)
