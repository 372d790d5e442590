"""From a stored entry back to what a person reads, with the names that the reader may see and that still exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from audit.disclosure import b64url, digest_of, marked, unb64url
from audit.ids import moment
from audit.keys import KeyMismatch, MasterKey, SealedValues, split_digests
from audit.projection import outcome

DISCLOSURES = """
SELECT id AS record_id, audit.subject_of(each) AS subject_id, each AS disclosure
FROM audit.record, unnest(disclosures) AS each WHERE org_id = $1 AND id = ANY ($2)
"""
"""What `Renderer.render` needs beside the records: for one organization, a list of record ids."""

MaySee = Callable[[UUID, str], bool]
"""Given the subject of a value and its JSON pointer: may the reader see it?"""


class DisclosureState(StrEnum):
    """Whether the value behind a digest can be shown."""

    DISCLOSED = "DISCLOSED"
    WITHHELD = "WITHHELD"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureView:
    """A digest of the entry: `name` is the JSON pointer of its place; `digest` and `salt` are base64url."""

    name: str
    digest: str
    state: DisclosureState
    salt: str | None = None
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorView:
    """Who acted; `org_id` only when it is another organization than the record's."""

    subject: str
    type: str
    name: str | None
    email: str | None
    roles: tuple[str, ...]
    user_id: UUID | None
    org_id: UUID | None
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """What was acted on."""

    type: str
    id: UUID
    name: str | None
    version: int | None


class Outline(NamedTuple):
    """What an entry tells without the values that its digests stand for. `names`: their places, as JSON pointers."""

    after: Mapping[str, Any] | None
    involves: tuple[UUID, ...]
    names: tuple[str, ...]


Sight = Callable[[Outline], MaySee]
"""Given a record in outline: which of its values the reader may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A record as read: all from its entry, `raw` its exact text. A value that is withheld or erased reads null."""

    org_id: UUID
    id: UUID
    occurred_at: datetime
    logged_at: datetime
    action: str
    kind: str
    outcome: str
    actor: ActorView
    target: TargetView
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    rule: str | None
    policy_version: str | None
    policy_digest: str | None
    decision_id: str | None
    operation: str | None
    request_id: str | None
    ip: str | None
    user_agent: str | None
    correlation_id: str | None
    location_id: UUID | None
    involves: tuple[UUID, ...]
    status_code: str | None
    status_detail: str | None
    disclosures: tuple[DisclosureView, ...]
    raw: str


class Renderer:
    """Reads entries with the key that opens what their digests stand for. Safe to share."""

    def __init__(self, master_key: bytes) -> None:
        """Take the 32-byte master key."""
        self._master = MasterKey(master_key)

    def render(
        self, records: Iterable[Mapping[str, Any]], disclosures: Iterable[Mapping[str, Any]], *, may_see: MaySee
    ) -> list[RecordView]:
        """Render rows with `org_id, entry`, given the rows of `DISCLOSURES` for them.

        Raises:
            KeyMismatch: a stored value does not open, or is not what its digest says.
        """
        return self.render_each(records, disclosures, lambda _: may_see)

    def render_each(
        self, records: Iterable[Mapping[str, Any]], disclosures: Iterable[Mapping[str, Any]], sight: Sight
    ) -> list[RecordView]:
        """Render rows like `render`, where what the reader may see depends on the record.

        Raises:
            KeyMismatch: a stored value does not open, or is not what its digest says.
        """
        opening = _Opening(self._master)
        by_record: dict[UUID, dict[bytes, SealedValues]] = {}
        for row in disclosures:
            values = SealedValues.parse(row["disclosure"])
            stored = by_record.setdefault(row["record_id"], {})
            stored.update(dict.fromkeys(split_digests(values.digests), values))
        return [self._record(row, by_record, opening, sight) for row in records]

    def _record(
        self,
        row: Mapping[str, Any],
        by_record: Mapping[UUID, Mapping[bytes, SealedValues]],
        opening: _Opening,
        sight: Sight,
    ) -> RecordView:
        org_id, raw = row["org_id"], bytes(row["entry"])
        content = orjson.loads(raw)
        id = UUID(content["metadata"]["uid"])
        stored = by_record.get(id, {})
        digests = content.get("_sd", ())
        marks = marked(content)
        involves = tuple(UUID(each) for each in content["involves"])
        after = content.get("updated_entity", {}).get("data")
        may_see = sight(Outline(after, involves, tuple(each.name for each in marks)))
        views = tuple(self._disclosure(org_id, each.name, digests[each.at], stored, opening, may_see) for each in marks)
        for each, view in zip(marks, views, strict=True):
            each.holder[each.key] = view.value
        return _view(content, id, involves, views, raw)

    def _disclosure(
        self,
        org_id: UUID,
        name: str,
        digest: str,
        stored: Mapping[bytes, SealedValues],
        opening: _Opening,
        may_see: MaySee,
    ) -> DisclosureView:
        raw = unb64url(digest)
        values = stored.get(raw)
        if values is None:
            return DisclosureView(name=name, digest=digest, state=DisclosureState.ERASED)
        if not may_see(values.subject, name):
            return DisclosureView(name=name, digest=digest, state=DisclosureState.WITHHELD)
        salt, value = opening.values(org_id, values)[raw]
        if digest_of(salt, name, value) != raw:
            raise KeyMismatch(f"the value stored for `{name}` is not what its digest says: verify the log")
        return DisclosureView(name=name, digest=digest, state=DisclosureState.DISCLOSED, salt=b64url(salt), value=value)


class _Opening:
    """What one rendering has opened so far: a subject's values in a record are opened once, however many they are."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._opened: dict[tuple[UUID, SealedValues], Mapping[bytes, tuple[bytes, Any]]] = {}

    def values(self, org_id: UUID, stored: SealedValues) -> Mapping[bytes, tuple[bytes, Any]]:
        """Give salt and value by digest. Raises `KeyMismatch`."""
        key = org_id, stored
        if (opened := self._opened.get(key)) is None:
            opened = self._opened[key] = self._master.open(org_id, stored)
        return opened


def may_see_all(_subject: UUID, _name: str) -> bool:
    """Let the reader see every value that still exists."""
    return True


def may_see_none(_subject: UUID, _name: str) -> bool:
    """Withhold every value."""
    return False


def _view(
    content: dict[str, Any],
    id: UUID,
    involves: tuple[UUID, ...],
    disclosures: tuple[DisclosureView, ...],
    raw: bytes,
) -> RecordView:
    metadata, entity = content["metadata"], content["entity"]
    api = content.get("api", {})
    policy: dict[str, Any] = next((each["policy"] for each in content.get("authorizations", ())), {})
    return RecordView(
        org_id=UUID(metadata["tenant_uid"]),
        id=id,
        occurred_at=moment(content["time"]),
        logged_at=moment(metadata["logged_time"]),
        action=content["action"],
        kind=content["kind"],
        outcome=outcome(content).value,
        actor=_actor(content["actor"]),
        target=TargetView(
            type=entity["type"], id=UUID(entity["uid"]), name=entity.get("name"), version=entity.get("version")
        ),
        before=entity.get("data"),
        after=content.get("updated_entity", {}).get("data"),
        reason=content.get("comment"),
        rule=content.get("rule", {}).get("uid"),
        policy_version=policy.get("version"),
        policy_digest=policy.get("digest"),
        decision_id=policy.get("uid"),
        operation=api.get("operation"),
        request_id=api.get("request", {}).get("uid"),
        ip=content.get("src_endpoint", {}).get("ip"),
        user_agent=content.get("http_request", {}).get("user_agent"),
        correlation_id=metadata.get("correlation_uid"),
        location_id=_uuid(content.get("location_uid")),
        involves=involves,
        status_code=content.get("status_code"),
        status_detail=content.get("status_detail"),
        disclosures=disclosures,
        raw=raw.decode(),
    )


def _actor(actor: Mapping[str, Any]) -> ActorView:
    user = actor["user"]
    return ActorView(
        subject=user["uid"],
        type=user["type"],
        name=user.get("name"),
        email=user.get("email"),
        roles=tuple(actor.get("roles", ())),
        user_id=_uuid(user.get("user_uid")),
        org_id=_uuid(actor.get("org_uid")),
        on_behalf_of=actor.get("on_behalf_of"),
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
