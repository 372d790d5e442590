"""What rules decide on, written between marks where what they say belongs, and read back: no rule is written in SQL.

Users who have the same facts have the same text, so that nothing is decided twice. A mark is a line's end: JSON
holds none but escaped, so nothing that anybody stored looks like one. What all of an organization share is a text of
its own, one for the statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.rules.eligibility import Subject
from core.rules.enums import PhoneNumberType, TextingMode
from core.rules.impact import Switches
from core.storage import facts
from core.storage.rendering.parts import Column, Ruled
from core.storage.rendering.pieces import column, concatenated
from core.storage.rendering.relations import table
from core.storage.states import OrgState

MARK = "\n"

_TEXTS = frozenset({"app_version", "country", "region"})
"""Columns whose texts anybody may have written; those of all others are words of ours."""

SWITCHES = "switches"
SUBJECT = "subject"
FACTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    SWITCHES: (("texting",), ("texting", "texting_locked"), ()),
    SUBJECT: (facts.OF_USER, facts.OF_LOCATION, facts.OF_NUMBER),
}
"""The columns of the user, of the location and of the number that decides."""

ORG = (
    f"(SELECT json_build_array(row_to_json(o), (SELECT json_agg(c) FROM ({facts.CAMPAIGNS.sql}) c))::text "
    f"FROM ({facts.ORG.sql}) o)"
)
"""The facts of the organization."""


def marked(part: Ruled, user: str, place: str, location: str, number: str) -> str:
    """Write what decides for a user: `MARK`, which field it is for, a JSON array, `MARK`.

    user, location, number: aliases. place: the id of the user's location. Where that is known of a whole page,
    PostgreSQL reads the location once.
    """
    of_user, of_location, of_number = FACTS[part.facts]
    held = f"FROM {table('Location')} {location} WHERE {location}.org_id = $1 AND {location}.id = {place}"
    values = [
        *_columns("User", of_user, user),
        f"(SELECT {_array(_columns('Location', of_location, location))} {held})",
    ]
    if of_number:
        held = f"FROM {table('UserPhoneNumber')} {number} WHERE {number}.org_id = $1 AND {number}.owner_id = {user}.id"
        first = (
            f"(SELECT {_array(_columns('UserPhoneNumber', of_number, number))} {held}{{}} ORDER BY {number}.id LIMIT 1)"
        )
        # The primary one; where there is none, another: two look-ups take less than sorting one user's few.
        primary = f" AND {number}.type = '{PhoneNumberType.PRIMARY}'"
        values.append(f"coalesce({first.format(primary)}, {first.format('')}, 'null')")
    return concatenated([f"'{MARK}{part.field}'", _array(values), f"'{MARK}'"])


def read_org(org_id: UUID, text: str) -> OrgState:
    """Read the facts of the organization."""
    row, campaigns = orjson.loads(text)
    for name in ("brand_id", "texting_audit_id"):
        row[name] = None if row[name] is None else UUID(row[name])
    set_at = row["texting_set_at"]
    row["texting_set_at"] = None if set_at is None else datetime.fromisoformat(set_at)
    return facts.org_state(org_id, row, [{**each, "id": UUID(each["id"])} for each in campaigns or ()])


def read_switches(org: OrgState, text: str) -> Switches:
    """Read the switches that a user's value comes from."""
    user_mode, (location_mode, location_locked) = orjson.loads(text)
    return Switches(
        org_enabled=org.switch.enabled,
        location_mode=TextingMode(location_mode),
        user_mode=TextingMode(user_mode),
        org_locked=org.switch.locked,
        location_locked=location_locked,
    )


def read_subject(org: OrgState, text: str) -> Subject:
    """Read what a decision is made on."""
    *user, location, number = orjson.loads(text)
    of_user, of_location, of_number = FACTS[SUBJECT]
    row: dict[str, Any] = dict(zip(of_user, user, strict=True))
    row |= zip((f"location_{name}" for name in of_location), location, strict=True)
    if number is not None:
        row |= zip(of_number, number, strict=True)
        row["campaign_id"] = None if row["campaign_id"] is None else UUID(row["campaign_id"])
    return facts.subject_of(org, row, has_number=number is not None)


def _columns(type_name: str, names: Sequence[str], alias: str) -> list[str]:
    return [column(type_name, Column(name, is_word=name not in _TEXTS), alias) for name in names]


def _array(values: Sequence[str]) -> str:
    return concatenated(["'['", " || ',' || ".join(values), "']'"])
