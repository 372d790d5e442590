"""How rules end for users whom the database writes: it writes what they decide on, and the answer takes its place here.

Only what follows from those facts and the policy alone can be selected so: the outcome, the statuses of rules, what a
setting amounts to. Not times, ids, words, or whose facts they are. Users with the same facts are decided for once, and
their answer is written once a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from core.decision_ids import DECISION
from core.rules.eligibility import Decision, decide
from core.rules.enums import Level, SettingKey
from core.rules.policy import Policy
from core.rules.settings import EffectiveSetting
from core.storage.rendering import deciding
from core.storage.rendering.statement import Written
from core.storage.states import OrgState
from engine import Info, Subtree, Wanted
from resolvers.context import RequestContext
from resolvers.setting_values import SETTING, TOLD, effective
from schema.access import READERS

FACTS: Mapping[str, str] = {
    "User.eligibility": deciding.SUBJECT,
    "User.effective_settings": deciding.SWITCHES,
    "User.effective_setting": deciding.SWITCHES,
}
"""The fields, with what they are decided on."""

_PLAIN: Mapping[str, frozenset[str]] = {
    DECISION: frozenset(
        {
            *("outcome", "eligible", "prerequisites", "enabled", "policy_version", "policy_digest"),
            *("decided_by", "rules", "denials", "root_causes"),
        }
    ),
    "RuleResult": frozenset({"rule_id", "status", "level", "required", "blocked_by"}),
    SETTING: TOLD | {"enabled"},
}
"""What follows from the facts alone, by type."""

FIELDS_MAX = 16
"""Such fields of one statement: it would look the same facts up for each of them, and its text grows with them."""

DECISIONS_MAX = 4_096
"""Decisions kept: users differ in a few facts, and most organizations' in fewer. Nothing of what was asked is kept."""

SETTINGS_MAX = 1_024
"""Combinations of switches whose settings are kept."""

ORGS_MAX = 256
"""Organizations whose facts are kept as they were read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A response key: the attribute, and what is selected of it. `__typename` is the type's name."""

    key: str
    name: str
    below: "Selected | None"


@dataclass(frozen=True, slots=True)
class Selected:
    """What is selected of an object."""

    type: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of users. `keys`: the settings asked for; `None`: the decision is."""

    selected: Selected
    keys: tuple[SettingKey, ...] | None = None
    is_list: bool = False


def selected(subtree: Subtree) -> Selected | None:
    """Tell what is selected of a decision or a setting; `None` where something does not follow from facts alone."""
    plain = _PLAIN.get(subtree.type, frozenset())
    entries = []
    for wanted in subtree.fields:
        if wanted.name != "__typename" and (wanted.name not in plain or READERS in wanted.metadata):
            return None
        below = None if wanted.below is None else selected(wanted.below)
        if below is None and wanted.below is not None:
            return None
        entries.append(Entry(wanted.key, wanted.name, below))
    return Selected(subtree.type, tuple(entries))


def asked(info: Info, fields: Sequence[tuple[Wanted, Selected]]) -> list[Asked] | None:
    """Tell what is asked of each field; `None` where one asks for more than what is now."""
    found = []
    for wanted, below in fields:
        try:
            given = info.arguments(wanted)
        except Exception:  # noqa: BLE001 - whatever it is, the field itself says it in its place
            return None
        key = given.pop("key", None)
        if any(value is not None for value in given.values()):
            return None
        if below.type == DECISION:
            found.append(Asked(below))
        else:
            found.append(Asked(below, tuple(SettingKey) if key is None else (key,), is_list=wanted.is_list))
    return found


def filled(context: RequestContext, written: Written, asked: Sequence[Asked]) -> str:
    """Put what rules say in the places of what they decide on."""
    pieces = str(written.json).split(deciding.MARK)
    if written.org is None or len(pieces) == 1:
        return pieces[0]
    org, policy = _org(context.org_id, written.org), context.policy
    said: dict[str, str] = {}
    for marked in set(pieces[1::2]):
        field, bracket, rest = marked.partition("[")
        said[marked] = _said(asked[int(field)], policy, org, bracket + rest)
    pieces[1::2] = [said[each] for each in pieces[1::2]]
    return "".join(pieces)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """An organization, one object for equal facts: what is kept finds it by what it is, not by all it holds."""

    state: OrgState


@lru_cache(maxsize=ORGS_MAX)
def _org(org_id: UUID, text: str) -> _Known:
    return _Known(deciding.read_org(org_id, text))


@lru_cache(maxsize=DECISIONS_MAX)
def _decision(policy: Policy, org: _Known, text: str) -> Decision:
    return decide(deciding.read_subject(org.state, text), policy)


@lru_cache(maxsize=SETTINGS_MAX)
def _settings(
    policy: Policy, org: _Known, text: str, keys: tuple[SettingKey, ...]
) -> tuple[EffectiveSetting[Any], ...]:
    levels = deciding.read_switches(org.state, text).levels()
    return tuple(effective(policy, key, Level.USER, levels) for key in keys)


def _said(asked: Asked, policy: Policy, org: _Known, text: str) -> str:
    said: Any
    if asked.keys is None:
        said = _written(asked.selected, _decision(policy, org, text))
    else:
        settings = [_written(asked.selected, each) for each in _settings(policy, org, text, asked.keys)]
        said = settings if asked.is_list else settings[0]
    return orjson.dumps(said).decode()


def _written(selected: Selected, source: Any) -> dict[str, Any]:
    return {entry.key: _value(selected.type, entry, source) for entry in selected.entries}


def _value(type_name: str, entry: Entry, source: Any) -> Any:
    if entry.name == "__typename":
        return type_name
    value = getattr(source, entry.name)
    if entry.below is None or value is None:
        return value
    if isinstance(value, tuple):
        return [_written(entry.below, each) for each in value]
    return _written(entry.below, value)
