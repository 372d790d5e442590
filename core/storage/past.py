"""What was stored at another time, as decisions read it: states folded from the versions of facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    TextingMode,
    UserStatus,
)
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.history import Cut, Held, fold
from core.rules.settings import mode_value
from core.storage.history import History
from core.storage.origins import Subjects
from core.storage.stamps import Stamp, Stamps
from core.storage.states import Facts, LocationState, OrgState, StoredSwitch, UserState

NOWHERE = UUID(int=0)
"""Stands for the location of a user of whom nothing was recorded."""

_OF_USER = frozenset({Level.LOCATION, Level.USER, Level.NUMBER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Facts as they were. `unrecorded`: by user, the levels of which nothing was recorded then."""

    known: Facts
    subjects: Mapping[UUID | None, Subjects]
    stamps: Stamps
    unrecorded: Mapping[UUID, frozenset[Level]]


def at(history: History, cut: Cut, user_ids: Iterable[UUID]) -> Past:
    """Fold a history, for users of its organization."""
    folds = _Folds(history=history, cut=cut)
    org = _org(folds)
    users = {id: _user(folds, id) for id in user_ids}
    missing = frozenset() if folds.of(history.org_id) else frozenset({Level.ORG})
    return Past(
        known=Facts(org=org, users=users),
        subjects={id: _subjects(org, user) for id, user in users.items()},
        stamps=folds.stamps(),
        unrecorded={id: missing if folds.of(id) else missing | _OF_USER for id in users},
    )


@dataclass(slots=True, kw_only=True)
class _Folds:
    history: History
    cut: Cut
    _held: dict[UUID, Held] = field(default_factory=dict)

    def of(self, id: UUID) -> Held:
        held = self._held.get(id)
        if held is None:
            held = self._held[id] = fold(self.history.versions.get(id, ()), self.cut)
        return held

    def values(self, id: UUID) -> dict[str, Any]:
        return {name: held.value for name, held in self.of(id).items()}

    def stamps(self) -> Stamps:
        return {
            id: {
                name: Stamp(
                    version_id=fact.version.id, valid_from=fact.version.valid_from, audit_id=fact.version.audit_id
                )
                for name, fact in held.items()
            }
            for id, held in self._held.items()
            if held
        }


def _org(folds: _Folds) -> OrgState:
    history = folds.history
    told = folds.values(history.org_id)
    brands = {id: held for id in history.brand_ids if (held := folds.values(id))}
    brand_id = next(iter(brands), None)
    countries = told.get("calling_plan_countries")
    enabled = _org_value(folds.of(history.org_id))
    return OrgState(
        org_id=history.org_id,
        brand_id=brand_id,
        facts=OrgFacts(
            customer_type=_maybe(CustomerType, told.get("customer_type")),
            calling_plan_provider=told.get("calling_plan_provider"),
            calling_plan_countries=None if countries is None else tuple(countries),
            add_on_units=told.get("add_on_units"),
            add_on_suspended=told.get("add_on_suspended"),
            handles_phi=told.get("handles_phi"),
            healthcare=told.get("healthcare"),
            brand_status=None if brand_id is None else BrandStatus(brands[brand_id]["registration"]),
        ),
        campaigns=tuple(
            CampaignFacts(id=id, status=CampaignStatus(held["status"]))
            for id in history.campaign_ids
            if (held := folds.values(id))
        ),
        switch=_switch(folds, Level.ORG, history.org_id, "texting_enabled", enabled=enabled),
    )


def _org_value(held: Held) -> bool | None:
    """Give what the switch says; the `false` that an organization began with was set by nobody."""
    fact = held.get("texting_enabled")
    if fact is None or (not fact.value and "customer_type" in fact.version.facts):
        return None
    return bool(fact.value)


def _location(folds: _Folds, id: UUID) -> LocationState:
    told = folds.values(id)
    mode = TextingMode(told.get("texting", TextingMode.INHERIT))
    return LocationState(
        location_id=id,
        facts=LocationFacts(
            country=told.get("country"),
            pstn_connection_type=_maybe(PstnConnectionType, told.get("pstn_connection_type")),
        ),
        mode=mode,
        switch=_switch(folds, Level.LOCATION, id, "texting", enabled=mode_value(mode)),
    )


def _user(folds: _Folds, id: UUID) -> UserState:
    told = folds.values(id)
    mode = TextingMode(told.get("texting", TextingMode.INHERIT))
    number_id = _number_of(folds, id)
    return UserState(
        user_id=id,
        facts=UserFacts(status=_maybe(UserStatus, told.get("status")), app_version=told.get("app_version")),
        location=_location(folds, _id(told.get("location_id")) or NOWHERE),
        number_id=number_id,
        number=None if number_id is None else _number(folds.values(number_id)),
        mode=mode,
        switch=_switch(folds, Level.USER, id, "texting", enabled=mode_value(mode)),
    )


def _number_of(folds: _Folds, user_id: UUID) -> UUID | None:
    """Give the primary number that a user had, or the first of the others, as `core.storage.facts` does of now."""
    had = [
        (told.get("type") != PhoneNumberType.PRIMARY, id)
        for id in folds.history.number_ids
        if _id((told := folds.values(id)).get("owner_id")) == user_id
    ]
    return min(had)[1] if had else None


def _number(told: Mapping[str, Any]) -> NumberFacts:
    return NumberFacts(
        type=_maybe(PhoneNumberType, told.get("type")),
        state=_maybe(NumberState, told.get("state")),
        assigned_by=_maybe(NumberSource, told.get("assigned_by")),
        region=told.get("region"),
        valid=told.get("valid"),
        campaign_id=_id(told.get("campaign_id")),
        assignment_status=_maybe(AssignmentStatus, told.get("assignment_status")),
    )


def _subjects(org: OrgState, user: UserState) -> Subjects:
    if user.location.location_id == NOWHERE:
        return Subjects(org_id=org.org_id, brand_id=org.brand_id, campaigns=org.campaigns, user_id=user.user_id)
    return Subjects.of_user(org, user)


def _switch(folds: _Folds, level: Level, id: UUID, name: str, *, enabled: bool | None) -> StoredSwitch:
    fact = folds.of(id).get(name)
    return StoredSwitch(
        level=level,
        entity_id=id,
        enabled=enabled,
        set_at=None if fact is None else fact.version.valid_from,
        set_by=None,
        audit_id=None if fact is None else fact.version.audit_id,
        locked=bool(folds.values(id).get("texting_locked")),
    )


def _maybe(type: Any, value: Any) -> Any:
    return None if value is None else type(value)


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
