"""What commands share: ids as a person gives them, aligned rows, what a token may grant."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.ids import encode
from core.principal import Grant, Role
from texting.commands.columns import aligned
from texting.commands.granting import grants
from texting.commands.ids import id_of, org_of
from texting.commands.options import Scope
from texting.startup_error import StartupError

ORG, OTHER, PLACE = (UUID(f"0192f0c1-2345-7abc-8def-00000000000{each}") for each in range(3))


def test_an_organization_is_named_by_its_global_id_or_its_uuid() -> None:
    assert org_of(encode("Org", ORG, ORG)) == org_of(str(ORG)) == ORG


def test_an_id_of_something_else_or_of_elsewhere_is_refused() -> None:
    with pytest.raises(StartupError, match="is the id of another type, User: give one of Location"):
        id_of("Location", encode("User", ORG, PLACE))
    with pytest.raises(StartupError, match="is of another organization than --org"):
        id_of("Location", encode("Location", OTHER, PLACE), org_id=ORG)
    with pytest.raises(StartupError, match="`nonsense` is no id"):
        id_of("Location", "nonsense")


def test_a_location_administrator_is_granted_each_location() -> None:
    scope = Scope(role=Role.LOCATION_ADMIN, org=str(ORG), locations=(str(PLACE), str(OTHER)), user=None)
    assert grants(scope) == (
        Grant(role=Role.LOCATION_ADMIN, org_id=ORG, location_id=PLACE),
        Grant(role=Role.LOCATION_ADMIN, org_id=ORG, location_id=OTHER),
    )


@pytest.mark.parametrize("role", Role)
def test_a_role_takes_exactly_its_own_scope(role: Role) -> None:
    nothing = Scope(role=role, org=None, locations=(), user=None)
    everything = Scope(role=role, org=str(ORG), locations=(str(PLACE),), user=str(PLACE))
    with pytest.raises(StartupError, match=f"role `{role}` takes no "):
        grants(everything)
    if role is Role.PROVIDER_ADMIN:
        assert grants(nothing) == (Grant(role=role),)
    else:
        with pytest.raises(StartupError, match=f"role `{role}` needs --org: give it"):
            grants(nothing)


def test_columns_are_as_wide_as_their_widest_cell_and_end_without_blanks() -> None:
    assert aligned(("a", "b"), [("long cell", "x"), ("y", "")]) == "a          b\nlong cell  x\ny"
