"""The state machines: brand, campaign and assignment (domain facts §4), and the message (§6)."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import AssignmentStatus, BrandStatus, CampaignStatus, MessageStatus
from core.rules.states import (
    ASSIGNMENT,
    BRAND,
    CAMPAIGN,
    MESSAGE,
    MESSAGE_RANK,
    after_receipt,
    is_final,
    is_terminal,
    may_become,
    may_begin_assignment,
    why_not,
)

MACHINES = [BRAND, CAMPAIGN, ASSIGNMENT, MESSAGE]
M = MessageStatus
RECEIPTS = (M.SENT, M.DELIVERED, M.UNDELIVERED)


def reached(machine, start):
    found, waiting = {start}, [start]
    while waiting:
        for after in machine[waiting.pop()] - found:
            found.add(after)
            waiting.append(after)
    return found


def arrows(machine):
    return {f"{before} {after}" for before, afters in machine.items() for after in afters}


@pytest.mark.parametrize(
    ("machine", "statuses"),
    [(BRAND, BrandStatus), (CAMPAIGN, CampaignStatus), (ASSIGNMENT, AssignmentStatus), (MESSAGE, MessageStatus)],
)
def test_every_status_is_in_its_machine_and_leads_to_statuses_of_it(machine, statuses):
    assert set(machine) == set(statuses)
    assert set().union(*machine.values()) <= set(statuses)


@pytest.mark.parametrize("machine", MACHINES)
def test_staying_is_no_arrow(machine):
    assert not any(may_become(machine, status, status) for status in machine)


def test_the_arrows_of_a_brand():
    assert arrows(BRAND) == {
        "PENDING IN_REVIEW",
        "PENDING APPROVED",
        "PENDING FAILED",
        "IN_REVIEW APPROVED",
        "IN_REVIEW FAILED",
        "APPROVED SUSPENDED",
        "SUSPENDED APPROVED",
        "SUSPENDED FAILED",
        "FAILED IN_REVIEW",
    }


def test_the_arrows_of_an_assignment():
    assert arrows(ASSIGNMENT) == {
        "PENDING_ASSIGNMENT ASSIGNED",
        "PENDING_ASSIGNMENT FAILED_ASSIGNMENT",
        "FAILED_ASSIGNMENT PENDING_ASSIGNMENT",
        "ASSIGNED PENDING_UNASSIGNMENT",
        "PENDING_UNASSIGNMENT UNASSIGNED",
        "PENDING_UNASSIGNMENT FAILED_UNASSIGNMENT",
        "FAILED_UNASSIGNMENT PENDING_UNASSIGNMENT",
        "FAILED_UNASSIGNMENT ASSIGNED",
    }


@pytest.mark.parametrize(
    ("machine", "terminal"),
    [
        (BRAND, set()),
        (CAMPAIGN, {"EXPIRED", "DEACTIVATED"}),
        (ASSIGNMENT, {"UNASSIGNED"}),
        (MESSAGE, {"DELIVERED", "UNDELIVERED", "BLOCKED", "CANCELED", "EXPIRED", "FAILED", "RECEIVED"}),
    ],
)
def test_from_these_statuses_alone_nothing_leads_on(machine, terminal):
    assert {status for status in machine if is_terminal(machine, status)} == terminal


@pytest.mark.parametrize(
    ("machine", "start"),
    [
        (BRAND, BrandStatus.PENDING),
        (CAMPAIGN, CampaignStatus.DRAFT),
        (ASSIGNMENT, AssignmentStatus.PENDING_ASSIGNMENT),
    ],
)
def test_every_status_is_reached_from_the_first(machine, start):
    assert reached(machine, start) == set(machine)


def test_every_outbound_status_is_reached_from_accepted_and_an_inbound_message_stays_received():
    assert reached(MESSAGE, M.ACCEPTED) == set(M) - {M.RECEIVED}
    assert reached(MESSAGE, M.RECEIVED) == {M.RECEIVED}


def test_a_campaign_can_always_end_unless_it_has():
    for status in CAMPAIGN:
        if not is_terminal(CAMPAIGN, status):
            assert may_become(CAMPAIGN, status, CampaignStatus.DEACTIVATED)


def test_only_an_active_or_suspended_campaign_expires_and_only_suspension_is_reversible():
    assert {before for before in CAMPAIGN if may_become(CAMPAIGN, before, CampaignStatus.EXPIRED)} == {
        CampaignStatus.ACTIVE,
        CampaignStatus.SUSPENDED,
    }
    assert may_become(CAMPAIGN, CampaignStatus.SUSPENDED, CampaignStatus.ACTIVE)
    assert reached(CAMPAIGN, CampaignStatus.EXPIRED) == {CampaignStatus.EXPIRED}


def test_a_campaign_becomes_active_only_through_the_registry_and_the_carriers():
    skipped = {before: afters - {CampaignStatus.CARRIER_REVIEW} for before, afters in CAMPAIGN.items()}
    assert CampaignStatus.ACTIVE not in reached(skipped, CampaignStatus.DRAFT)
    assert may_become(CAMPAIGN, CampaignStatus.REGISTRY_REJECTED, CampaignStatus.SUBMITTED)


def test_nothing_is_sent_or_blocked_without_having_been_queued():
    unqueued = {before: afters - {M.QUEUED} for before, afters in MESSAGE.items()}
    assert reached(unqueued, M.ACCEPTED) == {M.ACCEPTED, M.CANCELED, M.EXPIRED}


def test_our_blocking_comes_before_sending_and_the_carriers_failing_after():
    assert {before for before in MESSAGE if may_become(MESSAGE, before, M.BLOCKED)} == {M.QUEUED}
    assert {before for before in MESSAGE if may_become(MESSAGE, before, M.FAILED)} == {M.SENDING}


def test_a_status_never_loses_rank_but_when_it_is_tried_again():
    lowering = {
        (before, after)
        for before, afters in MESSAGE.items()
        for after in afters
        if MESSAGE_RANK[after] <= MESSAGE_RANK[before]
    }
    assert lowering == {(M.SENDING, M.QUEUED)}


def test_every_status_has_a_rank_and_terminal_ones_the_highest():
    assert set(MESSAGE_RANK) == set(M)
    highest = max(MESSAGE_RANK.values())
    assert {status for status in M if MESSAGE_RANK[status] == highest} == {
        status for status in M if is_terminal(MESSAGE, status)
    }


def test_a_message_is_over_when_nothing_but_a_late_receipt_can_come():
    assert {status for status in M if not is_final(status)} == {M.ACCEPTED, M.QUEUED, M.SENDING, M.SENT}


@pytest.mark.parametrize("status", AssignmentStatus)
def test_an_assignment_may_begin_where_none_is_or_the_last_one_came_to_nothing(status):
    assert may_begin_assignment(status) == (status in {"UNASSIGNED", "FAILED_ASSIGNMENT"})


def test_a_number_without_a_campaign_may_be_assigned():
    assert may_begin_assignment(None)


@pytest.mark.parametrize(
    ("current", "reported", "after"),
    [
        (M.SENDING, M.SENT, M.SENT),
        (M.SENDING, M.DELIVERED, M.DELIVERED),
        (M.QUEUED, M.DELIVERED, M.DELIVERED),
        (M.SENT, M.SENT, M.SENT),
        (M.SENT, M.UNDELIVERED, M.UNDELIVERED),
        (M.DELIVERED, M.SENT, M.DELIVERED),
        (M.DELIVERED, M.UNDELIVERED, M.DELIVERED),
        (M.UNDELIVERED, M.DELIVERED, M.UNDELIVERED),
        (M.DELIVERY_UNKNOWN, M.DELIVERED, M.DELIVERED),
        (M.DELIVERY_UNKNOWN, M.UNDELIVERED, M.DELIVERY_UNKNOWN),
        (M.DELIVERY_UNKNOWN, M.SENT, M.DELIVERY_UNKNOWN),
        (M.ACCEPTED, M.DELIVERED, M.ACCEPTED),
        (M.CANCELED, M.DELIVERED, M.CANCELED),
        (M.BLOCKED, M.DELIVERED, M.BLOCKED),
        (M.FAILED, M.DELIVERED, M.FAILED),
        (M.RECEIVED, M.DELIVERED, M.RECEIVED),
        (M.SENT, M.QUEUED, M.SENT),
        (M.SENDING, M.FAILED, M.SENDING),
    ],
)
def test_a_receipt_raises_the_status_or_leaves_it(current, reported, after):
    assert after_receipt(current, reported) is after


def test_no_receipt_ever_lowers_a_status():
    for current, reported in product(M, M):
        after = after_receipt(current, reported)
        assert after is current or MESSAGE_RANK[after] > MESSAGE_RANK[current]
        assert after is current or after is reported


def fold(receipts, status=M.SENDING):
    for receipt in receipts:
        status = after_receipt(status, receipt)
    return status


@pytest.mark.parametrize("last", [M.DELIVERED, M.UNDELIVERED])
@pytest.mark.parametrize("start", [M.QUEUED, M.SENDING, M.SENT])
def test_in_whatever_order_receipts_come_the_status_ends_the_same(start, last):
    assert {fold(order, start) for order in permutations((M.SENT, M.SENT, last, last))} == {last}


@given(st.lists(st.sampled_from(RECEIPTS), max_size=6), st.sampled_from(M), st.randoms(use_true_random=False))
def test_permuted_receipts_end_at_the_same_rank(receipts, start, random):
    shuffled = list(receipts)
    random.shuffle(shuffled)
    assert MESSAGE_RANK[fold(shuffled, start)] == MESSAGE_RANK[fold(receipts, start)]
    assert MESSAGE_RANK[fold(receipts, start)] >= MESSAGE_RANK[start]


@given(st.lists(st.sampled_from(RECEIPTS), max_size=6))
def test_receipts_once_heard_change_nothing_when_heard_again(receipts):
    assert fold(receipts + receipts) is fold(receipts)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("SUBMITTED", "ACTIVE", "from there it becomes `REGISTRY_REVIEW` or `DEACTIVATED`, not `ACTIVE`"),
        ("EXPIRED", "ACTIVE", "that is final, it does not become `ACTIVE`"),
    ],
)
def test_what_may_not_be_is_told_with_what_may(before, after, told):
    assert why_not(CAMPAIGN, CampaignStatus(before), CampaignStatus(after)) == told
