"""Records compared with their own entries: hash, projected columns, involvement, digests and the values behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

import orjson

from audit.disclosure import digest_of, marked, unb64url
from audit.entry import is_intact
from audit.ids import id_time_ms, milliseconds, moment
from audit.keys import KeyMismatch, MasterKey, SealedValues, split_digests
from audit.projection import Projection, project

_COLUMNS = tuple(field.name for field in fields(Projection) if field.name != "involves")


def check_entry(org_id: UUID, row: Mapping[str, Any], involved: Iterable[UUID]) -> Iterator[str]:
    """Say what is wrong with a row of `audit.record`, given whom its involvement rows name."""
    entry = bytes(row["entry"])
    if not is_intact(entry, row["checksum"]):
        yield "has a checksum that is not that of its entry"
    try:
        content = orjson.loads(entry)
        told = project(content)
        uid, tenant = UUID(content["metadata"]["uid"]), UUID(content["metadata"]["tenant_uid"])
        logged = moment(content["metadata"]["logged_time"])
    except (ValueError, KeyError, TypeError, AttributeError):
        yield "has an entry that is not one of ours"
        return
    if (uid, tenant) != (row["id"], org_id):
        yield f"has the entry of record `{uid}` of organization `{tenant}`"
    if milliseconds(told.occurred_at) != id_time_ms(row["id"]):
        yield "has an id of another time than its entry"
    different = [name for name in _COLUMNS if getattr(told, name) != row[name]]
    if logged != row["logged_at"]:
        different.append("logged_at")
    if different:
        yield f"has columns that do not repeat its entry: {', '.join(different)}"
    if sorted(told.involves) != sorted(involved):
        yield "has involvement rows that do not repeat its entry"


class ValueCheck:
    """Compares the values behind the digests. With no master key, only that every digest has its value."""

    def __init__(self, org_id: UUID, master: MasterKey | None) -> None:
        """Take the key that opens the values."""
        self._org_id = org_id
        self._master = master

    def check(self, entry: bytes, stored: Iterable[bytes], erased: frozenset[str]) -> Iterator[str]:
        """Say what is wrong with the disclosures of one record.

        `stored`: its column of them; `erased`: the digests that erasure records name.
        """
        content = orjson.loads(entry)
        places = {each.at: each.name for each in marked(content)}
        try:
            digests = enumerate(content.get("_sd", ()))
            named = {unb64url(digest): (digest, places.get(index)) for index, digest in digests}
        except (ValueError, TypeError, AttributeError):
            yield "has an entry whose digests are not of ours"
            return
        for each in stored:
            values = SealedValues.parse(each)
            held = {digest: named.pop(digest, None) for digest in split_digests(values.digests)}
            if None in held.values():
                strange = next(digest for digest, place in held.items() if place is None)
                yield f"has a stored value of digest `{strange.hex()}` that its entry does not name"
            else:
                yield from self._open(values, {digest: place[1] or "" for digest, place in held.items() if place})
        missing = [digest for digest, _ in named.values() if digest not in erased]
        if missing:
            yield f"lacks the value of digest `{missing[0]}`, which no erasure names ({len(missing)} such)"

    def _open(self, values: SealedValues, names: Mapping[bytes, str]) -> Iterator[str]:
        if self._master is None:
            return
        try:
            opened = self._master.open(self._org_id, values)
        except KeyMismatch as error:
            yield f"has a value `{next(iter(names.values()), '')}` that does not open: {error}"
            return
        for digest, (salt, value) in opened.items():
            if digest_of(salt, names[digest], value) != digest:
                yield f"has a value `{names[digest]}` that is not what its digest says"
