"""The statements that requests run most, as they are sent. `python -m tests.golden.statements` writes them anew."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from core.commands import send_facts, usage
from core.principal import Principal
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import (
    audit_records,
    consent,
    conversations,
    facts,
    groups,
    history,
    locations,
    messages,
    numbers,
    orgs,
    policies,
    reserves,
    stamps,
    users,
)
from core.storage.listing import Listing, Shape, count_statement, lookup_statement, page_statement
from core.storage.pages import Order
from core.storage.rendering import deciding
from core.storage.rendering import statement as rendering
from core.storage.rendering.parts import Column, Connection, Edges, GlobalId, Info, Many, Object, One, Ruled, Total
from core.storage.statements import Statement

FOLDER = Path(__file__).with_name("sql")

_LIMITS = tuple(DEFAULT_POLICY.limits.value)


def _page(listing: Listing, order: Order, *, by=None, names=frozenset(), **more: bool) -> Statement:
    return page_statement(listing, Shape(names=names, by=by, order=order, **more))


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


_DONE = audit_records.done_by(Principal(subject="u-1", name=None, org_id=UUID(int=1), grants=()), UUID(int=1)).names
_NUMBER = One(
    "User.primary_number", Object("UserPhoneNumber", (("id", GlobalId()), ("state", Column("state", is_word=True))))
)
_CARD = Object(
    "User",
    (
        ("id", GlobalId()),
        ("email", Column("email")),
        ("createdAt", Column("created_at")),
        ("location", One("User.location", Object("Location", (("id", GlobalId()), ("name", Column("name")))))),
        ("primaryNumber", _NUMBER),
        ("phoneNumbers", Many("User.phone_numbers", Object("UserPhoneNumber", (("valid", Column("valid")),)))),
    ),
)
_ENTRIES: Any = (
    ("edges", Edges((("cursor", None), ("node", Object("User", (("id", GlobalId()), ("primaryNumber", _NUMBER))))))),
    ("pageInfo", Info((("hasNextPage", "has_next_page"), ("endCursor", "end_cursor")))),
    ("totalCount", Total()),
)
_PAGE = Connection("Org.users", users.BY_ID, 0, _ENTRIES)
_RULED = Object(
    "User", (("id", GlobalId()), ("eligible", Ruled(0, deciding.SUBJECT)), ("settings", Ruled(1, deciding.SWITCHES)))
)
_RULED_PAGES = Connection("Location.users", users.BY_ID, 0, (("edges", Edges((("node", _RULED),))),))
_PAGES = Connection("Location.users", users.BY_ID, 0, _ENTRIES)

STATEMENTS: dict[str, Statement | rendering.Statement] = {
    "audit-page": _page(audit_records.RECORDS, audit_records.NEWEST_FIRST, after=True, names=_DONE),
    "audit-involving-since": _page(
        audit_records.RECORDS,
        audit_records.NEWEST_FIRST,
        after=True,
        names=audit_records.where(involves=UUID(int=1), occurred_from=datetime(2026, 1, 1, tzinfo=UTC)).names,
    ),
    "audit-of-messages": _page(audit_records.RECORDS, audit_records.NEWEST_FIRST, by="correlation_id"),
    "audit-history": _page(
        audit_records.RECORDS, audit_records.NEWEST_FIRST, by="target_id", names=_names("actions", "changed")
    ),
    "facts-org": facts.ORG,
    "facts-campaigns": facts.CAMPAIGNS,
    "facts-locations": facts.LOCATIONS,
    "facts-users": facts.USERS,
    "facts-numbers": facts.NUMBERS,
    "groups-of-org": groups.grouping(_names()),
    "groups-of-location": groups.grouping(_names("location_id")),
    "groups-places": groups.LOCATIONS,
    "stamps": stamps.IN_FORCE,
    **{f"history-{name}": statement for name, statement in history.WHOLE.items()},
    **{f"history-{name}-in-force": statement for name, statement in history.IN_FORCE.items()},
    **{f"history-{name}-sealed": statement for name, statement in history.IN_FORCE_SEALED.items()},
    "reserve": reserves.RESERVE,
    "policies": policies.ALL,
    "orgs-switched-on": orgs.SWITCHED_ON,
    "orgs-directory": _page(orgs.DIRECTORY, orgs.BY_NAME, after=True, names=_names("begins")),
    "consent-said-by": consent.SAID_BY,
    "consent-page": _page(consent.CONSENT, consent.NEWEST_FIRST, after=True, names=_names("recipient")),
    "consent-seen": _page(consent.CONSENT, consent.NEWEST_FIRST, names=_names("seen")),
    "conversations-of-users": _page(conversations.CONVERSATIONS, conversations.RECENT_FIRST, by="user_id"),
    "messages-page": _page(messages.MESSAGES, messages.BY_ID, backward=True, names=_names("user_id")),
    "messages-of-conversations": _page(messages.MESSAGES, messages.BY_ID, by="conversation_id", backward=True),
    "messages-with-peer-since": _page(messages.MESSAGES, messages.BY_ID, names=_names("peer", "created_from")),
    "messages-bodies": messages.BODIES,
    "messages-decisions": messages.DECISIONS,
    "locations-by-id": lookup_statement(locations.LOCATIONS, Shape(names=_names(), by="id")),
    "numbers-primary-of-users": lookup_statement(numbers.NUMBERS, Shape(names=_names("primary"), by="owner_id")),
    "numbers-of-users": _page(numbers.NUMBERS, numbers.BY_ID, by="owner_id"),
    "rendered-card": rendering.object_statement(_CARD),
    "rendered-seen": rendering.object_statement(_CARD, _names("seen")),
    "rendered-page": rendering.page_statement(_PAGE),
    "rendered-pages": rendering.pages_statement(_PAGES),
    "rendered-ruled": rendering.object_statement(_RULED),
    "rendered-ruled-pages": rendering.pages_statement(_RULED_PAGES),
    "users-by-id": lookup_statement(users.USERS, Shape(names=_names(), by="id")),
    "users-by-one-id": lookup_statement(users.USERS, Shape(names=_names(), by="id", is_of_one=True)),
    "users-seen": lookup_statement(users.USERS, Shape(names=_names("seen"), by="id")),
    "users-by-name": _page(users.USERS, users.BY_NAME, after=True),
    "users-of-locations": _page(users.USERS, users.BY_NAME, by="location_id"),
    "users-of-one-location": _page(users.USERS, users.BY_NAME, by="location_id", is_of_one=True),
    "users-search": _page(users.USERS, users.BY_NAME, names=_names("search")),
    "users-alike": _page(users.USERS, users.BY_ID, after=True, names=_names("alike")),
    "users-redundant": _page(users.USERS, users.BY_ID, names=_names("redundant")),
    "users-count": count_statement(users.USERS, Shape(names=_names("status"))),
    "users-count-of-locations": count_statement(users.USERS, Shape(names=_names(), by="location_id")),
    "users-count-of-one-location": count_statement(
        users.USERS, Shape(names=_names(), by="location_id", is_of_one=True)
    ),
    "send-sender": send_facts.SENDER_NUMBER,
    "send-blocks": send_facts.BLOCKS,
    "send-has-written": send_facts.HAS_WRITTEN,
    "usage-counting": usage._counting(_LIMITS),
    **{f"usage-freeing-{limit.name}": usage._freeing(limit) for limit in _LIMITS if limit.resets_daily_in is None},
}
"""By the name of the file each is kept in."""


def written(statement: Statement | rendering.Statement) -> str:
    """Give a statement as its file holds it: the parameters by number, then the text, a line for each clause."""
    parameters = ", ".join(f"${at} {name}" for at, name in enumerate(statement.names, 1))
    lines = [line.rstrip() for line in statement.sql.splitlines()]
    return "\n".join([f"-- {parameters}".rstrip(), *lines, ""])


def main() -> None:
    """Write every file anew, and remove those of statements that are no more."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.sql"):
        if path.stem not in STATEMENTS:
            path.unlink()
    for name, statement in STATEMENTS.items():
        (FOLDER / f"{name}.sql").write_text(written(statement), encoding="utf-8")


if __name__ == "__main__":
    main()
