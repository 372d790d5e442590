"""A small document may ask for a great deal: how much is known before anything is read."""

from __future__ import annotations

import time
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from texting.answer_size import AnswerTooLarge, check_size


def size(document: str, limit: int = 200_000, **variables: Any) -> int:
    operation, *rest = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    fragments = {each.name.value: each for each in rest if isinstance(each, FragmentDefinitionNode)}
    return check_size(operation, fragments, variables, limit)


@pytest.mark.parametrize(
    ("document", "variables", "expected"),
    [
        ("{ viewer { org { id } } }", {}, 3),
        ("{ users { edges { node { id } } } }", {}, 1 + 1 + 2 * 50),
        ("{ users(first: 10) { edges { node { id name } } } }", {}, 2 + 3 * 10),
        ("query($n: Int) { users(last: $n) { edges { node { id } } } }", {"n": 7}, 2 + 2 * 7),
        ("query($n: Int = 5) { users(last: $n) { edges { node { id } } } }", {}, 2 + 2 * 5),
        ("query($n: Int) { users(last: $n) { edges { node { id } } } }", {"n": "x"}, 2 + 2 * 50),
        ("query($n: Int = 1) { users(last: $n) { edges { node { id } } } }", {"n": None}, 2 + 2 * 50),
        ("query($n: Int = 1) { users(last: $n) { edges { node { id } } } }", {"n": 100.0}, 2 + 2 * 100),
        ("{ users(first: 1000000) { edges { node { id } } } }", {}, 2 + 2 * 100),
        ("{ users(first: 2) { edges { node { numbers(first: 3) { edges { cursor } } } } } }", {}, 2 + 2 * 3 + 6),
        ("{ users(first: 2) { ...a ...a edges { node { id } } } } fragment a on X { edges { node { id } } }", {}, 6),
    ],
)
def test_every_field_counts_for_every_object(document: str, variables: dict[str, Any], expected: int) -> None:
    assert size(document, **variables) == expected


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { org { " + "users { edges { node { org { " * 4 + "id" + " } } } }" * 4 + " } } }",
        "{"
        + " ".join(f"a{at}: users(first: 100) {{ edges {{ node {{ a b c d e f g h }} }} }}" for at in range(300))
        + "}",
        "{ ...f0 } "
        + " ".join(f"fragment f{at} on X {{ a {{ ...f{at + 1} }} b {{ ...f{at + 1} }} }}" for at in range(60))
        + " fragment f60 on X { c }",
    ],
    ids=["lists inside lists", "aliases", "fragments that double"],
)
def test_too_much_is_refused_soon(document: str) -> None:
    began = time.process_time()
    with pytest.raises(AnswerTooLarge, match="200000 values"):
        size(document)
    # Seconds where it takes a tenth of one: counting stops at the limit.
    assert time.process_time() - began < 5


@pytest.mark.parametrize("limit", [22, 23])
def test_an_answer_may_have_as_many_values_as_the_limit(limit: int) -> None:
    assert size("{ users(first: 10) { edges { node { id } } } }", limit) == 22


def test_an_answer_may_not_have_one_more_and_is_told_the_setting() -> None:
    with pytest.raises(AnswerTooLarge, match=r"21 values \(TEXTING_COST_LIMIT\)"):
        size("{ users(first: 10) { edges { node { id } } } }", 21)
