"""A stored decision reads back as it was made, and says the same in words."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.rules.consent import ConsentEvent, ConsentState
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import decide
from core.rules.enums import (
    BlockAuthority,
    ConsentAction,
    ConsentBasis,
    ConsentScope,
    Level,
    TrafficBlockKind,
    TrafficBlockReason,
)
from core.rules.numbers import parse_imported
from core.rules.send_record import restored, stored
from core.rules.sending import SendFacts, TrafficBlock, Usage, decide_send
from core.rules.words.catalogue import render
from tests.unit.rules.strategies import subjects

NOW = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)

consents = st.none() | st.builds(
    lambda scope: ConsentState(
        opted_out=True,
        since=NOW,
        decided_by=ConsentEvent(
            id=UUID(int=1),
            recipient="+12125550100",
            scope=scope,
            action=ConsentAction.OPT_OUT,
            basis=ConsentBasis.KEYWORD,
            occurred_at=NOW,
            recorded_at=NOW,
        ),
    ),
    st.sampled_from(ConsentScope),
)
blocks = st.lists(
    st.builds(
        TrafficBlock,
        target=st.sampled_from((Level.ORG, Level.CAMPAIGN, Level.USER, Level.NUMBER)),
        kind=st.sampled_from(TrafficBlockKind),
        imposed_by=st.sampled_from(BlockAuthority),
        reason=st.sampled_from(TrafficBlockReason),
        started_at=st.just(NOW - timedelta(hours=1)),
        ended_at=st.sampled_from((None, NOW + timedelta(hours=1))),
    ),
    max_size=2,
).map(tuple)
usages = st.lists(
    st.builds(
        Usage,
        name=st.sampled_from([limit.name for limit in DEFAULT_POLICY.limits.value]),
        used=st.sampled_from((0, 60, 5_000, 200_000)),
        frees_at=st.sampled_from((None, NOW + timedelta(seconds=40))),
    ),
    max_size=3,
    unique_by=lambda usage: usage.name,
).map(tuple)
sends = st.builds(
    SendFacts,
    eligibility=subjects.map(lambda subject: decide(subject, DEFAULT_POLICY)),
    destination=st.sampled_from(("+12125550100", "+442079460958", "+15551234567", "nobody", "")).map(parse_imported),
    body=st.sampled_from(("", "hello", "wine and \N{BEER MUG}", "x" * 1_601)),
    now=st.just(NOW),
    consent=consents,
    media_urls=st.sampled_from(((), ("https://media.example/picture.jpg",))),
    blocks=blocks,
    usage=usages,
)


@given(sends)
def test_a_stored_decision_reads_back_equal_and_says_the_same(facts):
    decision = decide_send(facts, DEFAULT_POLICY)
    again = restored(json.loads(json.dumps(stored(decision))))
    assert again == decision
    both = zip((*decision.rules, *decision.eligibility.rules), (*again.rules, *again.eligibility.rules), strict=True)
    assert all(render(read.message) == render(made.message) for made, read in both)
    assert again.denials == decision.denials
