"""The same answers by one statement each, whose JSON PostgreSQL writes: what the wire allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.ids import decode
from tests.benchmarks.reading.by_hand import Hand


def _gid(type_name: str, id: str) -> str:
    return _encoded(f"'{type_name}:' || $1::uuid::text || ':' || {id}::text")


def _cursor(id: str) -> str:
    return _encoded(f"""'["users.id+","' || {id}::text || '"]'""")


def _encoded(text: str) -> str:
    """Write base64url without padding."""
    lines = f"encode(convert_to({text}, 'UTF8'), 'base64')"
    return f"translate(rtrim(replace({lines}, E'\\n', ''), '='), '+/', '-_')"


_ORG_ID = _encoded("'Org:' || $1::uuid::text")
_NUMBER = f"""(SELECT json_build_object('id', {_gid("UserPhoneNumber", "n.id")}, 'phoneNumber', n.phone_number,
  'type', n.type, 'state', n.state) FROM texting.phone_numbers n WHERE n.org_id = $1 AND n.owner_id = u.id
  AND n.type = 'PRIMARY' AND n.state = 'ACTIVE')"""
_USER = f"""json_build_object('id', {_gid("User", "u.id")}, 'displayName', u.display_name, 'email', u.email,
  'status', u.status, 'primaryNumber', {_NUMBER})"""
_SELECTED = "id, display_name, email, status"


def _page_info(size: int) -> str:
    return f"""json_build_object('hasNextPage', count(*) > {size}, 'endCursor',
      (array_agg({_cursor("u.id")} ORDER BY u.id) FILTER (WHERE u.at <= {size}))[least(count(*), {size})])"""


def _users(size: int, edge: str, info: str) -> str:
    return f"""(SELECT json_build_object('edges', coalesce(json_agg({edge} ORDER BY u.id) FILTER (WHERE u.at <= {size}),
      '[]'::json){info}) FROM (SELECT row_number() OVER (ORDER BY id) AS at, {_SELECTED} FROM texting.users
      WHERE org_id = $1 AND location_id = l.id ORDER BY id LIMIT {size + 1}) u)"""


def _places(places: int, users: str) -> str:
    return f"""SELECT json_build_object('org', json_build_object('id', {_ORG_ID}, 'name', o.name, 'locations',
      json_build_object('edges', (SELECT json_agg(json_build_object('node', json_build_object('id',
      {_gid("Location", "l.id")}, 'name', l.name, 'users', {users})) ORDER BY l.id) FROM (SELECT id, name
      FROM texting.locations WHERE org_id = $1 ORDER BY id LIMIT {places}) l)))) FROM texting.orgs o
      WHERE o.org_id = $1 AND $2::uuid IS NOT NULL"""


_PERSON = f"""json_build_object('node', json_build_object('id', {_gid("User", "u.id")}, 'displayName', u.display_name,
  'email', u.email))"""

STATEMENTS: Mapping[str, str] = {
    "Card": f"""SELECT json_build_object('user', json_build_object('id', {_gid("User", "u.id")}, 'displayName',
      u.display_name, 'email', u.email, 'status', u.status, 'texting', u.texting, 'location', (SELECT
      json_build_object('id', {_gid("Location", "l.id")}, 'name', l.name) FROM texting.locations l WHERE l.org_id = $1
      AND l.id = u.location_id), 'primaryNumber', {_NUMBER})) FROM texting.users u WHERE u.org_id = $1 AND u.id = $2""",
    "Page": f"""SELECT json_build_object('location', json_build_object('id', {_gid("Location", "l.id")}, 'name', l.name,
      'users', {
        _users(
            50, f"json_build_object('cursor', {_cursor('u.id')}, 'node', {_USER})", f", 'pageInfo', {_page_info(50)}"
        )
    })) FROM texting.locations l
      WHERE l.org_id = $1 AND l.id = $2""",
    "Places": _places(20, _users(10, _PERSON, f", 'pageInfo', {_page_info(10)}")),
    "List": _places(8, _users(100, f"json_build_object('node', {_USER})", "")),
}
"""By the operation's name; `$1` the organization, `$2` the id asked for."""


async def answer(hand: Hand, name: str, variables: Mapping[str, Any]) -> bytes:
    """Give the response's data as it came."""
    found = decode(variables["id"])
    assert found is not None
    text = await hand.connection.fetchval(f"SELECT ({STATEMENTS[name]})::text", hand.org_id, found.id)
    return text.encode()  # type: ignore[no-any-return]
