"""What a decision's id says after the user: the newest version read, the policy, and what was supposed.

`<version>-<until>-<digest>.<policy>`, the version alone for one that was kept with a message, and `~<overrides>` after
it for a what-if: their canonical texts as one deflated JSON array in base64url. So the id alone is enough to make the
decision again.
"""

import base64
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from core.rules.supposed_values import Unsupposable
from core.rules.what_if import OVERRIDES_MAX, Override, check, ordered
from core.storage.origins import Read

DECISION = "EligibilityDecision"
"""The type of the ids."""

_NO_VERSION = "none"
"""Stands where no version of any fact was ever stored."""
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,60}")
_POLICY_LENGTH_MAX = 60
_OVERRIDES_BYTES_MAX = 32_768
"""What 20 overrides with the longest values come to; more is no id of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDetail:
    """`version`: of the newest fact read, or the message that the decision was kept with. `policy`: see `named`.

    `until`: the latest time that a fact read holds from (UTC), `digest` of all versions read; `None` without any.
    """

    version: UUID | None
    policy: str
    until: datetime | None = None
    digest: str = ""
    overrides: tuple[Override, ...] = ()

    @classmethod
    def of(
        cls, read: Read | None, policy_version: str, policy_digest: str, overrides: tuple[Override, ...] = ()
    ) -> Self:
        """Name a decision by the versions that it read."""
        policy = named(policy_version, policy_digest)
        if read is None:
            return cls(version=None, policy=policy, overrides=overrides)
        return cls(version=read.newest, policy=policy, until=read.until, digest=read.digest, overrides=overrides)

    def __str__(self) -> str:
        """Write it as it stands in a global id."""
        version = _NO_VERSION if self.version is None else self.version.hex
        if self.until is not None:
            version = f"{version}-{(self.until - _EPOCH) // _MICROSECOND:x}-{self.digest}"
        plain = f"{version}.{self.policy}"
        return f"{plain}~{_packed(self.overrides)}" if self.overrides else plain


def named(policy_version: str, policy_digest: str) -> str:
    """Give how a policy is called in an id: its version, or its digest where an id could not hold that."""
    return policy_version if _PLAIN.fullmatch(policy_version) else policy_digest[:_POLICY_LENGTH_MAX]


def read_detail(detail: str) -> DecisionDetail | None:
    """Read what a decision's id says; `None` when it is nothing that we wrote."""
    plain, _, packed = detail.partition("~")
    read, _, policy = plain.partition(".")
    version, _, rest = read.partition("-")
    until, _, digest = rest.partition("-")
    overrides = _unpacked(packed) if packed else ()
    if overrides is None or not _PLAIN.fullmatch(policy):
        return None
    try:
        found = DecisionDetail(
            version=None if version == _NO_VERSION else UUID(hex=version),
            policy=policy,
            until=_EPOCH + int(until, 16) * _MICROSECOND if until else None,
            digest=digest,
            overrides=overrides,
        )
    except (ValueError, OverflowError):
        return None
    return found if str(found) == detail else None


def _packed(overrides: Sequence[Override]) -> str:
    text = f"[{','.join(each.canonical for each in ordered(overrides))}]"
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).rstrip(b"=").decode()


def _unpacked(packed: str) -> tuple[Override, ...] | None:
    try:
        inflating = zlib.decompressobj()
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        listed = json.loads(inflating.decompress(raw, _OVERRIDES_BYTES_MAX))
        found = tuple(
            Override(rule_id=rule_id, entity_id=None if entity is None else UUID(hex=entity), value=value)
            for rule_id, entity, value in listed
        )
        for each in found:
            check(each)
    except (ValueError, TypeError, AttributeError, KeyError, zlib.error, Unsupposable, RecursionError):
        return None
    return found if 0 < len(found) <= OVERRIDES_MAX else None
