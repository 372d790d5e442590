"""Content rules (L6c, L6d): which rule matched, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.content import DEFAULT_CONTENT_RULES, ContentRule, matches
from core.rules.enums import PolicyAction

WARN, BLOCK = PolicyAction.WARN, PolicyAction.BLOCK


def rule(id, *words, action=WARN, gated=False):
    return ContentRule(id=id, category=id, words=words, action=action, allowed_if_age_gated=gated)


def found(body, *rules, age_gated=False):
    return [(match.rule_id, match.start, match.end) for match in matches(body, rules, age_gated=age_gated)]


BEER = rule("alcohol", "beer", gated=True)


@pytest.mark.parametrize(
    ("body", "span"),
    [
        ("beer", (0, 4)),
        ("Free BEER!", (5, 9)),
        ("(beer)", (1, 5)),
        ("\N{BEER MUG} beer", (2, 6)),
        ("root-beer", (5, 9)),
    ],
)
def test_a_word_is_found_with_its_span_in_characters(body, span):
    assert found(body, BEER) == [("alcohol", *span)]


@pytest.mark.parametrize("body", ["", "beers", "Abeer", "beer_garden", "bee r", "béer"])
def test_a_part_of_a_word_is_no_match(body):
    assert found(body, BEER) == []


def test_only_the_first_match_of_a_rule_counts_and_the_longest_word_at_a_place():
    assert found("beer beer", BEER) == [("alcohol", 0, 4)]
    assert found("payday loans", rule("lending", "payday", "payday loans")) == [("lending", 0, 12)]


def test_blocking_rules_come_first_then_the_place_then_the_name():
    rules = (rule("b", "wine"), rule("a", "wine"), rule("c", "ale"), rule("z", "rum", action=BLOCK))
    assert [id for id, *_ in found("ale, wine and rum", *rules)] == ["z", "c", "a", "b"]


def test_an_age_gated_campaign_may_carry_what_the_rule_allows_it():
    assert found("beer", BEER, age_gated=True) == []
    assert found("beer", rule("alcohol", "beer"), age_gated=True) == [("alcohol", 0, 4)]


def test_words_are_texts_and_no_patterns():
    assert found("a.c abc", rule("dots", "a.c")) == [("dots", 0, 3)]
    assert found("abc", rule("dots", "a.c")) == []
    assert found("anything", rule("none")) == []


def test_every_default_rule_is_met_by_its_own_words_and_warns():
    for each in DEFAULT_CONTENT_RULES:
        for word in each.words:
            match, *_ = matches(f"x {word.upper()} x", DEFAULT_CONTENT_RULES, age_gated=False)
            assert (match.rule_id, match.start, match.action) == (each.id, 2, WARN)
    assert len({each.id for each in DEFAULT_CONTENT_RULES}) == len(DEFAULT_CONTENT_RULES)


@given(st.text(max_size=30), st.sampled_from(("beer", "Free spins", "xxx video")), st.text(max_size=30))
def test_a_match_spans_one_of_the_rules_words(before, word, after):
    body = f"{before} {word} {after}"
    rules = (rule("one", "beer", "free spins"), rule("two", "XXX video"))
    hits = matches(body, rules, age_gated=False)
    assert hits
    for hit in hits:
        assert body[hit.start : hit.end].casefold() in {"beer", "free spins", "xxx video"}
