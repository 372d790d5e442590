"""How many users of an organization are alike, for reports, filters, and the impact of a switch: no user is read.

Users of one group get equal decisions: it names the location, the user's own switch, and the stored statuses of the
rules of user and number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select

from core.rules.enums import TextingMode
from core.rules.impact import Switches
from core.rules.policy import Policy
from core.rules.report import Counted
from core.rules.signatures import SignatureOutcome, org_signature, outcome_of
from core.storage.facts import load_org
from core.storage.fetching import Fetch
from core.storage.listing import EVERYTHING, Where
from core.storage.selecting import columns, org_id
from core.storage.statements import Statement, compiled
from core.storage.states import OrgState
from core.storage.tables import Locations, Users
from core.storage.users import USERS, alike

_users, _locations = columns(Users), columns(Locations)

LOCATIONS = compiled(
    select(_locations.id, _locations.texting, _locations.texting_locked, _locations.signature).where(
        _locations.org_id == org_id()
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`count` users alike. `signature` is the user's, which holds the primary number's too."""

    location_id: UUID
    mode: TextingMode
    signature: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location's own switch and the stored statuses of its rules."""

    mode: TextingMode
    locked: bool
    signature: str

    def switches(self, org: OrgState, user_mode: TextingMode) -> Switches:
        """Give the switches that the value of a user there comes from, who has that mode."""
        return org.switches(self.mode, user_mode, location_locked=self.locked)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedGroup:
    """A group, and what holds for each of its users."""

    group: Group
    decided: SignatureOutcome

    @property
    def counted(self) -> Counted:
        """What a report adds up."""
        return Counted(location_id=self.group.location_id, decided=self.decided, count=self.group.count)


@lru_cache(maxsize=256)
def grouping(names: frozenset[str]) -> Statement:
    """Compile the count of the users that satisfy conditions of `USERS`."""
    key = (_users.location_id, _users.texting, _users.signature)
    conditions = (USERS.conditions[name] for name in sorted(names))
    return compiled(
        select(*key, func.count().label("alike")).where(_users.org_id == org_id(), *conditions).group_by(*key)
    )


async def load_groups(fetch: Fetch, org: UUID, among: Where = EVERYTHING) -> list[Group]:
    """Count the users that are alike `among` those of a condition, in one statement."""
    if among.nothing:
        return []
    rows = await fetch(grouping(among.names), org_id=org, **among.values)
    return [
        Group(
            location_id=row["location_id"],
            mode=TextingMode(row["texting"]),
            signature=row["signature"],
            count=row["alike"],
        )
        for row in rows
    ]


async def load_places(fetch: Fetch, org: UUID) -> dict[UUID, Place]:
    """Read every location's switch and signature, by id, in one statement."""
    rows = await fetch(LOCATIONS, org_id=org)
    return {
        row["id"]: Place(mode=TextingMode(row["texting"]), locked=row["texting_locked"], signature=row["signature"])
        for row in rows
    }


async def decided_groups(fetch: Fetch, org: UUID, policy: Policy, among: Where = EVERYTHING) -> list[DecidedGroup]:
    """Decide for all users of an organization `among` those of a condition, alike ones once, in four statements."""
    state = None if among.nothing else await load_org(fetch, org)
    if state is None:
        return []
    places = await load_places(fetch, org)
    return list(_decide(await load_groups(fetch, org, among), state, places, policy))


def _decide(
    groups: Iterable[Group], org: OrgState, places: Mapping[UUID, Place], policy: Policy
) -> Iterable[DecidedGroup]:
    signed = org_signature(org.facts, org.campaigns, policy)
    campaigns = {campaign.id: campaign.status for campaign in org.campaigns}
    for group in groups:
        place = places[group.location_id]
        decided = outcome_of(
            org_signature=signed,
            location_signature=place.signature,
            user_signature=group.signature,
            enabled=place.switches(org, group.mode).resolved().enabled,
            campaigns=campaigns,
        )
        yield DecidedGroup(group=group, decided=decided)


def in_groups(groups: Iterable[Group]) -> Where:
    """Which users: those of these groups."""
    listed = list(groups)
    return alike(
        [group.location_id for group in listed],
        [group.mode.value for group in listed],
        [group.signature for group in listed],
    )
