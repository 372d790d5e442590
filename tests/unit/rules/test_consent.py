"""Who asked not to be texted: a fold over the ledger (47 CFR 64.1200(a)(10) to (12))."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.consent import (
    NOTHING_SAID,
    ConsentEvent,
    ConsentQuestion,
    contains,
    due_by,
    fold,
    keyword,
    keyword_scope,
)
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope, Keyword

PAIR, SENDER, CAMPAIGN, ORG = ConsentScope
OUT, IN = ConsentAction.OPT_OUT, ConsentAction.OPT_IN
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
THEM, OURS, OTHERS = "+14165550123", "+12125550100", "+12125550101"
PROGRAM, PROGRAM_2 = UUID(int=1), UUID(int=2)
ANA, BEN = UUID(int=11), UUID(int=12)
QUESTION = ConsentQuestion(recipient=THEM, sender=OURS, campaign_id=PROGRAM, user_id=ANA)
PLACES = {
    PAIR: {"sender": OURS, "user_id": ANA},
    SENDER: {"sender": OURS, "user_id": ANA},
    CAMPAIGN: {"campaign_id": PROGRAM},
    ORG: {},
}


def said(action, scope, minute=0, **changes):
    event = ConsentEvent(
        id=UUID(int=1_000 + minute),
        recipient=THEM,
        scope=scope,
        action=action,
        basis=ConsentBasis.KEYWORD,
        occurred_at=NOON + timedelta(minutes=minute),
        recorded_at=NOON + timedelta(minutes=minute),
        **PLACES[scope],
    )
    return replace(event, **changes)


def opted_out(*events, **changes):
    return fold(events, replace(QUESTION, **changes)).opted_out


events = st.builds(
    lambda at, scope, action, later, **where: said(
        action,
        scope,
        at % 7,
        id=UUID(int=at),
        recorded_at=NOON + timedelta(minutes=at % 7 + later),
        **(PLACES[scope] | where),
    ),
    st.integers(1, 500),
    st.sampled_from(ConsentScope),
    st.sampled_from(ConsentAction),
    st.integers(0, 2),
    recipient=st.sampled_from((THEM, THEM, THEM, OTHERS)),
)
ledgers = st.lists(events, max_size=7, unique_by=lambda event: event.id)


def test_from_no_events_follows_that_nothing_was_said():
    assert fold((), QUESTION) == NOTHING_SAID


@pytest.mark.parametrize("scope", ConsentScope)
def test_an_opt_out_at_any_scope_that_contains_the_pair_denies(scope):
    event = said(OUT, scope)
    state = fold((event,), QUESTION)
    assert (state.opted_out, state.decided_by, state.since) == (True, event, NOON)


@pytest.mark.parametrize(
    ("scope", "elsewhere"),
    [
        (PAIR, {"sender": OTHERS}),
        (SENDER, {"sender": OTHERS}),
        (CAMPAIGN, {"campaign_id": PROGRAM_2}),
        (CAMPAIGN, {"campaign_id": None}),
        (PAIR, {"sender": None}),
        (SENDER, {"sender": None}),
        (ORG, {"recipient": OTHERS}),
        (PAIR, {"recipient": OTHERS}),
    ],
)
def test_what_was_said_about_something_else_does_not_count(scope, elsewhere):
    assert fold((said(OUT, scope, **elsewhere),), QUESTION) == NOTHING_SAID


@pytest.mark.parametrize(("scope", "asked"), [(PAIR, "sender"), (SENDER, "sender"), (CAMPAIGN, "campaign_id")])
def test_a_scope_that_is_not_asked_about_contains_nothing(scope, asked):
    assert not opted_out(said(OUT, scope), **{asked: None})
    assert not contains(said(OUT, scope, **{asked: None}), replace(QUESTION, **{asked: None}))


@pytest.mark.parametrize("lifted", ConsentScope)
@pytest.mark.parametrize("lifting", ConsentScope)
def test_an_opt_in_lifts_what_is_of_its_own_or_a_narrower_scope_only(lifted, lifting):
    scopes = list(ConsentScope)
    lifts = scopes.index(lifting) >= scopes.index(lifted)
    assert opted_out(said(OUT, lifted), said(IN, lifting, 1)) is not lifts


def test_an_opt_in_before_the_opt_out_lifts_nothing():
    assert opted_out(said(IN, ORG), said(OUT, PAIR, 1))


def test_a_new_opt_out_after_an_opt_in_counts_from_then_on():
    state = fold((said(OUT, ORG), said(IN, ORG, 1), said(OUT, ORG, 2), said(OUT, ORG, 3)), QUESTION)
    assert state.since == NOON + timedelta(minutes=2)


def test_of_several_opt_outs_the_one_longest_in_force_decides():
    state = fold((said(OUT, PAIR, 2), said(OUT, ORG, 1), said(OUT, SENDER, 3)), QUESTION)
    assert state.decided_by == said(OUT, ORG, 1)


def test_whoever_opted_in_is_decided_by_the_last_word():
    state = fold((said(OUT, PAIR), said(IN, PAIR, 1)), QUESTION)
    assert (state.opted_out, state.decided_by) == (False, said(IN, PAIR, 1))


def test_what_was_said_about_the_pair_ends_with_the_numbers_holder():
    assert opted_out(said(OUT, PAIR))
    assert not opted_out(said(OUT, PAIR), user_id=BEN)
    assert opted_out(said(OUT, PAIR), user_id=None)
    assert opted_out(said(OUT, PAIR, user_id=None), user_id=BEN)


def test_what_was_said_about_the_number_stays_with_the_number():
    assert opted_out(said(OUT, SENDER), user_id=BEN)


def test_the_pair_ends_when_another_user_held_the_number_meanwhile():
    assert not opted_out(said(OUT, PAIR), held_by_another_until=NOON + timedelta(minutes=5))
    assert opted_out(said(OUT, PAIR, 5), held_by_another_until=NOON + timedelta(minutes=5))
    assert opted_out(said(OUT, SENDER), held_by_another_until=NOON + timedelta(minutes=5))


def test_as_of_a_moment_what_was_said_later_does_not_count():
    ledger = (said(OUT, ORG, 1), said(IN, ORG, 2))
    assert not fold(ledger, QUESTION, as_of=NOON).opted_out
    assert fold(ledger, QUESTION, as_of=NOON + timedelta(minutes=1)).opted_out
    assert not fold(ledger, QUESTION, as_of=NOON + timedelta(minutes=2)).opted_out


@given(ledgers, st.randoms(use_true_random=False))
def test_the_order_in_which_a_ledger_is_read_does_not_matter(ledger, random):
    shuffled = list(ledger)
    random.shuffle(shuffled)
    assert fold(shuffled, QUESTION) == fold(ledger, QUESTION)


@given(ledgers)
def test_the_fold_is_what_the_rule_says_word_for_word(ledger):
    heard = sorted(
        (event for event in ledger if contains(event, QUESTION)),
        key=lambda event: (event.occurred_at, event.recorded_at, event.id),
    )
    scopes = list(ConsentScope)
    in_force = [
        event
        for at, event in enumerate(heard)
        if event.action is OUT
        and not any(
            later.action is IN and scopes.index(later.scope) >= scopes.index(event.scope) for later in heard[at + 1 :]
        )
    ]
    state = fold(ledger, QUESTION)
    assert state.opted_out == bool(in_force)
    if in_force:
        assert state.decided_by == in_force[0]
    else:
        assert state.decided_by == (heard[-1] if heard else None)


@given(ledgers, st.sampled_from(ConsentScope))
def test_an_opt_out_said_last_always_denies_and_an_org_wide_opt_in_never(ledger, scope):
    assert opted_out(*ledger, said(OUT, scope, 60))
    assert not opted_out(*ledger, said(IN, ORG, 60))


def test_a_keyword_reaches_the_program_or_what_the_policy_says_and_never_less():
    wide = replace(DEFAULT_POLICY, keyword_scope=replace(DEFAULT_POLICY.keyword_scope, value=ORG))
    assert keyword_scope(DEFAULT_POLICY, PROGRAM) is CAMPAIGN
    assert keyword_scope(DEFAULT_POLICY, None) is SENDER
    assert keyword_scope(wide, PROGRAM) is ORG


def test_a_message_is_a_keyword_by_the_policys_lists():
    assert keyword("Stop.") is Keyword.OPT_OUT
    assert keyword("stop it") is None


def test_an_opt_out_is_honoured_within_ten_business_days():
    monday = datetime(2026, 3, 2, 17, tzinfo=UTC)
    # Daylight saving begins on 8 March: the same time of day in New York is an hour earlier in UTC.
    assert due_by(monday, DEFAULT_POLICY) == datetime(2026, 3, 16, 16, tzinfo=UTC)
