"""From a record to its entry: the canonical bytes that are hashed, sealed and shown as evidence.

Field names follow OCSF 1.6. Absent fields are absent, not null. The database's clock is not known here, so an entry
leaves in two parts with room for `metadata.logged_time` between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zlib import crc32

from audit.canonical import RESERVED_KEY, encode_plain, plain
from audit.disclosure import Disclosure, b64url, disclose, marker
from audit.ids import id_time_ms, milliseconds
from audit.record import Actor, AuditOutcome, Erasable, Record, Request, Target

OCSF_VERSION = "1.6.0"
DIGEST_ALGORITHM = "sha-256"
PRODUCT = "business-texting"

MAX_ENTRY_BYTES = 65_535
"""The longest entry a tile bundle can hold (C2SP tlog-tiles: a 16-bit length)."""

_UUID_VERSION = 7

_CLOCK_DIGITS = 13
"""Digits of epoch milliseconds until the year 2286."""

_CRC_BITS = 32

_ACTION_ID = {AuditOutcome.ALLOWED: 1, AuditOutcome.DENIED: 2, AuditOutcome.FAILED: 1}
_STATUS_ID = {AuditOutcome.ALLOWED: 1, AuditOutcome.DENIED: 2, AuditOutcome.FAILED: 2}


class EntryTooLarge(ValueError):
    """The record does not fit into an entry: say less, or split what changed over several records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry ready to append: its bytes before and after the logged time, and what its digests stand for."""

    id: UUID
    head: bytes
    tail: bytes
    content: dict[str, Any]
    disclosures: tuple[Disclosure, ...]

    @property
    def checksum(self) -> int:
        """What `is_intact` finds changed bytes by while the record waits for its place in the tree: 48 bits."""
        return len(self.head) << _CRC_BITS | crc32(self.tail, crc32(self.head))


def make_entry(record: Record, id: UUID, product_version: str) -> Entry:
    """Build a record's entry.

    Raises:
        CanonicalError: something in the record has no canonical form.
        EntryTooLarge: more than `MAX_ENTRY_BYTES`.
        ValueError: the id is not a uuidv7 of the record's time.
    """
    if id.version != _UUID_VERSION or id_time_ms(id) != milliseconds(record.occurred_at):
        raise ValueError(f"`{id}` is not a uuidv7 of the record's time: make it from the same `occurred_at`")
    hidden: list[_Hidden] = []

    def hide(value: Any, path: str) -> Any:
        if not isinstance(value, Erasable):
            return None
        return _hide(value, path, hidden)

    content = plain(_content(record, id, product_version), path="", special=hide)
    _number(hidden, content)
    _involve(hidden, content)
    head, tail = _around_the_clock(content)
    if (size := len(head) + _CLOCK_DIGITS + len(tail)) > MAX_ENTRY_BYTES:
        raise EntryTooLarge(f"the record takes {size} bytes: keep it within {MAX_ENTRY_BYTES}")
    disclosures = tuple(each.disclosure for each in hidden)
    return Entry(id=id, head=head, tail=tail, content=content, disclosures=disclosures)


def is_intact(entry: bytes, checksum: int) -> bool:
    """Compare a stored entry with its `Entry.checksum`, which says where the clock stands and sums up the rest.

    Against accidents only: whoever can change the one can change the other, until the record is in the tree.
    """
    at, crc = divmod(checksum, 1 << _CRC_BITS)
    return crc32(entry[at + _CLOCK_DIGITS :], crc32(entry[:at])) == crc


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A value taken out of the entry, and the marker left in its place."""

    disclosure: Disclosure
    marker: dict[str, int]


def _hide(erasable: Erasable, path: str, hidden: list[_Hidden]) -> dict[str, int]:
    place = _Hidden(disclose(path, plain(erasable.value, path=path), erasable.subject), marker(0))
    hidden.append(place)
    return place.marker


def _number(hidden: list[_Hidden], content: dict[str, Any]) -> None:
    """Sort the digests, so that their order says nothing, and let each marker point at its own."""
    if not hidden:
        return
    hidden.sort(key=lambda each: b64url(each.disclosure.digest))
    for index, each in enumerate(hidden):
        each.marker.update(marker(index))
    content[RESERVED_KEY] = [b64url(each.disclosure.digest) for each in hidden]
    content["_sd_alg"] = DIGEST_ALGORITHM


def _involve(hidden: list[_Hidden], content: dict[str, Any]) -> None:
    """Let everybody whose values a record holds be among those it is about: erasing finds them so.

    An actor who is no user of the organization is found by `actor` instead.
    """
    subjects = {str(each.disclosure.subject) for each in hidden if not each.disclosure.name.startswith("/actor/")}
    if not subjects.issubset(content["involves"]):
        content["involves"] = sorted(subjects.union(content["involves"]))


def _around_the_clock(content: dict[str, Any]) -> tuple[bytes, bytes]:
    """Encode all but the logged time: the bytes before it, and those after."""
    metadata = content["metadata"]
    outer_head, outer_tail = _around(content, "metadata")
    head, tail = _around(metadata, "logged_time")
    return outer_head + head, tail + outer_tail


def _around(content: dict[str, Any], key: str) -> tuple[bytes, bytes]:
    """Encode an object around one key, which is never its last."""
    before = encode_plain({name: item for name, item in content.items() if name < key})
    after = encode_plain({name: item for name, item in content.items() if name > key})
    separator = b"," if len(before) > len(b"{}") else b""
    return before[:-1] + separator + b'"' + key.encode() + b'":', b"," + after[1:]


def _content(record: Record, id: UUID, product_version: str) -> dict[str, Any]:
    ocsf_class, activity = record.action.ocsf
    content = {
        "action": record.action.value,
        "action_id": _ACTION_ID[record.outcome],
        "activity_id": activity,
        "actor": _actor(record.actor),
        "authorizations": _authorizations(record),
        "category_uid": ocsf_class // 1000,
        "class_uid": int(ocsf_class),
        "comment": record.reason,
        "entity": _target(record.target, record.before),
        "involves": involved(record),
        "kind": record.kind.value,
        "location_uid": record.location_id,
        "metadata": _present(
            {
                "correlation_uid": record.correlation_id,
                "product": {"name": PRODUCT, "version": product_version},
                "tenant_uid": record.org_id,
                "uid": id,
                "version": OCSF_VERSION,
            }
        ),
        "rule": _present({"uid": record.rule, "version": record.rule_version}) if record.rule else None,
        "status_code": record.status_code,
        "status_detail": record.status_detail,
        "status_id": _STATUS_ID[record.outcome],
        "time": milliseconds(record.occurred_at),
        "type_uid": ocsf_class * 100 + activity,
        "updated_entity": None if record.after is None else {"data": record.after},
    }
    return _present(content | _request(record.request))


def involved(record: Record) -> list[UUID]:
    """Whom and what the record is about: target, the actor's user and those named, sorted."""
    named = {record.target.id, *record.involves}
    if record.actor.user_id:
        named.add(record.actor.user_id)
    return sorted(named)


def _actor(actor: Actor) -> dict[str, Any]:
    user = {
        "email": actor.email,
        "name": actor.name,
        "type": actor.type.value,
        "uid": actor.subject,
        "user_uid": actor.user_id,
    }
    return _present(
        {
            "idp": {"uid": actor.idp} if actor.idp else None,
            "on_behalf_of": actor.on_behalf_of,
            "org_uid": actor.org_id,
            "roles": sorted(actor.roles) or None,
            "session": {"uid": actor.session_id} if actor.session_id else None,
            "user": _present(user),
        }
    )


def _target(target: Target, before: Mapping[str, Any] | None) -> dict[str, Any]:
    return _present(
        {"data": before, "name": target.name, "type": target.type, "uid": target.id, "version": target.version}
    )


def _authorizations(record: Record) -> list[dict[str, Any]] | None:
    policy = _present({"digest": record.policy_digest, "uid": record.decision_id, "version": record.policy})
    return [{"decision": record.outcome.value, "policy": policy}] if policy else None


def _request(request: Request | None) -> dict[str, Any]:
    if request is None:
        return {}
    api = {"operation": request.operation, "request": {"uid": request.id}, "version": request.api_version}
    trace = {"span": {"uid": request.span_id} if request.span_id else None, "uid": request.trace_id}
    return {
        "api": _present(api),
        "http_request": {"user_agent": request.user_agent} if request.user_agent else None,
        "src_endpoint": {"ip": request.ip} if request.ip else None,
        "trace": _present(trace) if request.trace_id else None,
    }


def _present(content: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in content.items() if item is not None}
