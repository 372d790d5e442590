"""What a mutation's input says, read once: the ids in it, why, whether in earnest, and under which key."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from audit.canonical import MAX_DEPTH
from core.commands.absent import ABSENT, Given
from core.ids import decode
from resolvers.context import RequestContext
from resolvers.global_ids import id_of

T = TypeVar("T")

NAMED: Mapping[str, str] = {
    "org_id": "Org",
    "location_id": "Location",
    "user_id": "User",
    "phone_number_id": "UserPhoneNumber",
    "brand_id": "Brand",
    "campaign_id": "Campaign",
}
"""The types that ids name, by the input field they stand in. An input's first one is what the mutation is about."""

NOBODY = UUID(int=0)
"""Looked up in place of an id that names nothing inside the organization entered: found as little as an unknown one,
by the same statements."""

_DEPTH_MAX = MAX_DEPTH + 4
"""JSON below this is refused by every command, so a digest of the input need not tell it apart."""


class Asked:
    """One call of a mutation: its input, and the ids in it, which count only inside the organization entered."""

    def __init__(self, context: RequestContext, input: Any) -> None:
        """Take an input as Strawberry made it."""
        self.context = context
        self.input = input
        self._named = [each.name for each in fields(input) if each.name in NAMED]

    @property
    def about(self) -> tuple[str, UUID, str]:
        """Give what the mutation is about as far as the input says: type, id, and the argument that says it."""
        first = self._named[0] if self._named else "org_id"
        id = id_of(self.context, getattr(self.input, first, ""), NAMED[first])
        argument = to_camel_case(first)
        return ("Org", self.context.org_id, argument) if id is None else (NAMED[first], id, argument)

    @property
    def strangers(self) -> tuple[str, ...]:
        """Name the arguments whose ids are none, of another type or of another organization."""
        return tuple(
            to_camel_case(name)
            for name in self._named
            if is_given(text := getattr(self.input, name)) and id_of(self.context, text, NAMED[name]) is None
        )

    @property
    def attempted(self) -> dict[str, str]:
        """Give those of the strangers that are ids at all, for the record of the refusal."""
        texts = {to_camel_case(name): getattr(self.input, name) for name in self._named}
        found = {name: decode(texts[name], home=self.context.principal.org_id) for name in self.strangers}
        return {name: str(id) for name, id in found.items() if id is not None}

    def id(self, name: str, text: str | None = None) -> UUID:
        """Read an id of the input by the name of its field, or `text` as one; `NOBODY` when it names nothing there."""
        found = id_of(self.context, getattr(self.input, name) if text is None else text, NAMED[name])
        return NOBODY if found is None else found

    def optional_id(self, name: str, text: Given[str | None] = ABSENT) -> UUID | None:
        """Read an id that may be missing by the name of its field, or `text` as one."""
        said = getattr(self.input, name) if text is ABSENT else text
        return self.id(name, said) if is_given(said) else None

    def given_id(self, name: str) -> Given[UUID | None]:
        """Read an id whose absence leaves things as they are, and whose null clears them."""
        return ABSENT if getattr(self.input, name) is UNSET else self.optional_id(name)

    @property
    def reason(self) -> str | None:
        """Give why it is done."""
        return or_none(getattr(self.input, "reason", None))

    @property
    def reason_required(self) -> bool:
        """Say whether the input cannot be without a reason: the change is privileged."""
        return any(each.name == "reason" and each.default is MISSING for each in fields(self.input))

    @property
    def dry_run(self) -> bool:
        """Say whether it is a question only."""
        return bool(getattr(self.input, "dry_run", False))

    @property
    def idempotency_key(self) -> str | None:
        """Give the key, if there is one."""
        return or_none(getattr(self.input, "idempotency_key", None))

    @property
    def digest(self) -> bytes:
        """Give the SHA-256 of the canonical input, the key apart; absent and null are told apart."""
        said = _plain(self.input, 0)
        said.pop("idempotency_key", None)
        return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def is_given(value: object) -> bool:
    """Say whether an input field says anything."""
    return value is not None and value is not UNSET


def or_none(value: T | None) -> T | None:
    """Read absent as null, where the two mean the same."""
    return None if value is UNSET else value


def or_absent(value: T) -> Given[T]:
    """Read a field that was left out as a value that was not given; null stays null."""
    return ABSENT if value is UNSET else value


def _plain(value: Any, depth: int) -> Any:
    if depth > _DEPTH_MAX:
        return None
    if is_dataclass(value):
        said = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _plain(item, depth + 1) for name, item in said.items() if item is not UNSET}
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value
