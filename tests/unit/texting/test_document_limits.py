"""A document is as deep as its fields are, fragments included; what it may not have is named with its number."""

import pytest
from graphql import parse

from texting.document_limits import DocumentLimits, check_depth, check_written


def told(text, **limits):
    tree, most = parse(text), DocumentLimits(**limits)
    return [error.message.partition(",")[0] for error in check_written(tree, most) or check_depth(tree, most)]


def test_depth_counts_fields_and_not_fragments():
    text = "{ a { ... { ...F } } } fragment F on T { b { ...G } } fragment G on T { c { d } }"
    assert told(text, depth=4) == []
    assert told(text, depth=3) == ["the document has 4 levels of fields in fields"]


def test_fragments_spread_many_times_cost_no_more_than_once():
    parts = [f"fragment F{n} on T {{ a {{ ...F{n + 1} b: a {{ ...F{n + 1} }} }} }}" for n in range(40)]
    text = "{ ...F0 } fragment F40 on T { a }" + " ".join(parts)
    assert told(text, depth=1) == ["the document has 81 levels of fields in fields"]


@pytest.mark.parametrize("text", ["{ a: x b: x { c: x } }", "{ ...F a: x } fragment F on T { b: x ... { c: x } }"])
def test_aliases_are_counted_where_they_are_written(text):
    assert told(text, aliases=3) == []
    assert told(text, aliases=2) == ["the document has 3 aliases"]


@pytest.mark.parametrize(
    "text",
    [
        "query @a { x @b ... @c { y } }",
        "{ ...F @a } fragment F on T @b { x @c }",
        "query ($v: Int @a, $w: Int @b) { x @c }",
    ],
)
def test_directives_are_counted_wherever_they_stand(text):
    assert told(text, directives=3) == []
    assert told(text, directives=2) == ["the document has 3 directives"]


def test_the_setting_is_named():
    (error,) = check_depth(parse("{ a { b } }"), DocumentLimits(depth=1))
    assert "may have 1 (TEXTING_DEPTH_LIMIT)" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "{ a a a ... { a } }",
        "{ a { a } } { b: a { a: b } }",
        "{ a ...F } fragment F on T { a { ...G } } fragment G on T { a { a ...F ...F ...G } }",
    ],
)
def test_pairs_of_one_name_are_counted_wherever_they_stand_even_in_a_circle_of_fragments(text):
    (error,) = check_written(parse(text), DocumentLimits(equal_pairs=1))
    count = int(error.message.split()[3])
    assert "(TEXTING_EQUAL_PAIR_LIMIT)" in error.message
    assert check_written(parse(text), DocumentLimits(equal_pairs=count)) == []
    assert len(check_written(parse(text), DocumentLimits(equal_pairs=count - 1))) == 1


def test_four_of_one_name_are_six_pairs():
    (error,) = check_written(parse("{ a a a ... { a b c } }"), DocumentLimits(equal_pairs=5))
    assert "has 6 pairs" in error.message
