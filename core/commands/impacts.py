"""What a change of switches would do to users, from stored signatures: the same few statements for any number."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from core.rules.eligibility import decide_many
from core.rules.enums import CampaignStatus, Level, RuleStatus, TextingMode
from core.rules.impact import Impact, ImpactGroup, Switches, impact, user_group
from core.rules.policy import Policy
from core.rules.rule_ids import RuleId
from core.rules.signatures import SignatureOutcome, org_signature, outcome_of
from core.storage.fetching import Fetch
from core.storage.groups import Group, Place, load_groups, load_places
from core.storage.states import LocationState, OrgState, UserState
from core.storage.users import where

Turned = Callable[[Switches], Switches]


async def of_org(fetch: Fetch, org: OrgState, policy: Policy, *, enabled: bool, locked: bool) -> Impact:
    """Preview the organization's switch and lock, in two statements."""
    places = await load_places(fetch, org.org_id)

    def turned(switches: Switches) -> Switches:
        return replace(switches, org_enabled=enabled, org_locked=locked)

    groups = await load_groups(fetch, org.org_id)
    return impact(_alike(groups, org, places, policy, turned), changed=Level.ORG)


async def of_location(fetch: Fetch, org: OrgState, location: LocationState, place: Place, policy: Policy) -> Impact:
    """Preview a location's switch and lock, in one statement; `place` is the location as it would be."""

    def turned(switches: Switches) -> Switches:
        return replace(switches, location_mode=place.mode, location_locked=place.locked)

    id = location.location_id
    groups = await load_groups(fetch, org.org_id, where(location_id=id))
    now = replace(place, mode=location.mode, locked=location.switch.locked)
    return impact(_alike(groups, org, {id: now}, policy, turned), changed=Level.LOCATION)


def of_users(org: OrgState, users: Sequence[UserState], policy: Policy, *, mode: TextingMode) -> Impact:
    """Preview the users' own switches, from their facts."""
    decisions = decide_many([user.subject(org) for user in users], policy)
    groups = [
        user_group(user.switches(org), mode, decision.prerequisites)
        for user, decision in zip(users, decisions, strict=True)
    ]
    return impact(groups, changed=Level.USER)


def _alike(
    groups: Iterable[Group],
    org: OrgState,
    places: Mapping[UUID, Place],
    policy: Policy,
    turned: Turned,
) -> Iterable[ImpactGroup]:
    """Give the groups before and after; users that are deactivated or erased are nobody a switch does anything to."""
    signed = org_signature(org.facts, org.campaigns, policy)
    campaigns = {campaign.id: campaign.status for campaign in org.campaigns}
    for group in groups:
        outcome = _outcome(signed, places[group.location_id].signature, group, campaigns)
        if dict(outcome.statuses)[RuleId.USER_ACTIVE] is RuleStatus.FAIL:
            continue
        before = places[group.location_id].switches(org, group.mode)
        yield ImpactGroup(before=before, after=turned(before), prerequisites=outcome.prerequisites, count=group.count)


def _outcome(signed: str, location: str, group: Group, campaigns: Mapping[UUID, CampaignStatus]) -> SignatureOutcome:
    return outcome_of(
        org_signature=signed,
        location_signature=location,
        user_signature=group.signature,
        enabled=True,
        campaigns=campaigns,
    )
