"""Who is asking: grants, each a role over a scope."""

from uuid import UUID

import pytest

from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role

ORG, OTHER = UUID(int=1), UUID(int=2)
BOSTON, DENVER, ANA = UUID(int=11), UUID(int=12), UUID(int=21)


def principal(*grants, org_id=ORG):
    return Principal(subject="s", name=None, org_id=org_id, grants=grants)


PROVIDER = principal(Grant(role=Role.PROVIDER_ADMIN), org_id=SYSTEM_ORG_ID)
LOCAL = principal(
    Grant(role=Role.LOCATION_ADMIN, org_id=ORG, location_id=BOSTON),
    Grant(role=Role.LOCATION_ADMIN, org_id=OTHER, location_id=DENVER),
    Grant(role=Role.USER, org_id=ORG, user_id=ANA),
)


@pytest.mark.parametrize(
    ("who", "org_id", "enters"),
    [(PROVIDER, ORG, True), (PROVIDER, OTHER, True), (LOCAL, ORG, True), (LOCAL, UUID(int=3), False)],
)
def test_a_grant_lets_into_its_organization_and_the_providers_into_all(who, org_id, enters):
    assert who.may_enter(org_id) is enters


def test_belonging_somewhere_is_no_grant():
    assert not principal().may_enter(ORG)
    assert principal().roles_in(ORG) == frozenset()


def test_roles_are_those_held_in_that_organization():
    assert LOCAL.roles_in(ORG) == {Role.LOCATION_ADMIN, Role.USER}
    assert LOCAL.roles_in(OTHER) == {Role.LOCATION_ADMIN}
    assert PROVIDER.roles_in(OTHER) == {Role.PROVIDER_ADMIN}


def test_locations_are_those_administered_there():
    assert LOCAL.locations_in(ORG) == {BOSTON}
    assert LOCAL.locations_in(OTHER) == {DENVER}
    assert PROVIDER.locations_in(ORG) == frozenset()
    assert principal(Grant(role=Role.AUDITOR, org_id=ORG, location_id=BOSTON)).locations_in(ORG) == frozenset()


def test_a_caller_is_a_user_only_by_the_role_of_a_user():
    assert LOCAL.user_in(ORG) == ANA
    assert LOCAL.user_in(OTHER) is None
    assert principal(Grant(role=Role.ORG_ADMIN, org_id=ORG, user_id=ANA)).user_in(ORG) is None
