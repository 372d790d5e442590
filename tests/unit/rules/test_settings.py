import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import Level, SettingKey, SettingState, TextingMode
from core.rules.settings import LevelValue, resolve, switch_of, texting_levels
from core.rules.words.catalogue import render
from tests.unit.rules.strategies import modes

ON, OFF, INHERIT = TextingMode.ON, TextingMode.OFF, TextingMode.INHERIT
org_values = st.sampled_from((None, True, False))


def texting(org, location=INHERIT, user=INHERIT, **locks):
    levels = texting_levels(org_enabled=org, location_mode=location, user_mode=user, **locks)
    return resolve(SettingKey.BUSINESS_TEXTING, levels)


@given(org_values, modes, modes)
def test_the_user_precedes_the_location_and_that_the_organization(org, location, user):
    own = [{ON: True, OFF: False}.get(user), {ON: True, OFF: False}.get(location), org, False]
    setting = texting(org, location, user)
    assert setting.value is next(value for value in own if value is not None)
    assert [link.wins for link in setting.chain].count(True) == 1
    assert all((link.why_not is None) == link.wins for link in setting.chain)
    assert all(render(link.why_not) for link in setting.chain if link.why_not is not None)


@given(org_values, modes, modes, st.booleans(), st.booleans())
def test_an_override_is_redundant_exactly_when_taking_it_away_changes_nothing(org, location, user, lock, other):
    locks = {"org_locked": lock, "location_locked": other}
    setting = texting(org, location, user, **locks)
    assert setting.inherited_value is texting(org, location, INHERIT, **locks).value
    own = {ON: True, OFF: False}.get(user)
    assert setting.override_is_redundant == (own is not None and own is setting.inherited_value)


@given(org_values, modes, modes)
def test_below_a_locked_organization_nothing_counts(org, location, user):
    setting = texting(org, location, user, org_locked=True)
    assert setting.value is bool(org)
    assert (setting.state, setting.locked_by) == (SettingState.LOCKED, Level.ORG)


@given(modes, modes)
def test_a_locked_location_keeps_its_users_from_overriding_even_while_it_inherits(location, user):
    setting = texting(True, location, user, location_locked=True)
    assert setting.value is (location is not OFF)
    assert setting.locked_by is Level.LOCATION


@pytest.mark.parametrize(
    ("org", "location", "user", "state", "level"),
    [
        (None, INHERIT, INHERIT, SettingState.DEFAULT, Level.SYSTEM),
        (False, INHERIT, INHERIT, SettingState.INHERITED, Level.ORG),
        (True, OFF, INHERIT, SettingState.INHERITED, Level.LOCATION),
        (True, OFF, ON, SettingState.OVERRIDDEN, Level.USER),
    ],
)
def test_the_state_says_how_the_value_came_about(org, location, user, state, level):
    setting = texting(org, location, user)
    assert (setting.state, setting.level) == (state, level)


def test_whoever_holds_a_lock_is_not_locked_by_it():
    setting = resolve(SettingKey.BUSINESS_TEXTING, texting_levels(org_enabled=True, org_locked=True))
    assert (setting.state, setting.locked_by) == (SettingState.OVERRIDDEN, None)


def test_a_setting_need_not_be_a_switch():
    levels = [LevelValue(level=Level.SYSTEM, value=400), LevelValue(level=Level.ORG, value=2_190)]
    setting = resolve(SettingKey.MESSAGE_RETENTION_DAYS, levels)
    assert (setting.value, setting.inherited_value, setting.level) == (2_190, 400, Level.ORG)


@pytest.mark.parametrize(
    "levels",
    [
        [],
        [LevelValue(level=Level.ORG, value=True)],
        [LevelValue(level=Level.SYSTEM, value=None)],
        [
            LevelValue(level=Level.SYSTEM, value=1),
            LevelValue(level=Level.USER, value=1),
            LevelValue(level=Level.ORG, value=1),
        ],
    ],
)
def test_levels_out_of_order_are_refused(levels):
    with pytest.raises(ValueError, match="SYSTEM"):
        resolve(SettingKey.BUSINESS_TEXTING, levels)


@given(org_values, modes, modes, st.booleans(), st.booleans())
def test_the_switch_of_a_user_is_the_resolved_setting(org, location, user, lock, other):
    locks = {"org_locked": lock, "location_locked": other}
    setting = texting(org, location, user, **locks)
    switch = switch_of(org_enabled=org, location_mode=location, user_mode=user, **locks)
    assert (switch.enabled, switch.level, switch.locked_by) == (setting.value, setting.level, setting.locked_by)
