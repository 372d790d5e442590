"""The values the rules compare with: named, versioned, dated, each with its source; one bundle is one policy."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from typing import Any, Generic, TypeVar

from core.rules.content import ContentRule
from core.rules.enums import ConsentScope, Level, LimitKind, PolicyAction, UsageUnit
from core.rules.hours import HoursPolicy
from core.rules.keywords import KeywordLists
from core.rules.rule_ids import RuleId, SendRuleId
from core.rules.versions import AppVersion

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValue(Generic[T_co]):
    """One value. `version` is as `territory/2024-01`; `source`: a sentence id, a regulation, or `extension`."""

    name: str
    version: str
    effective_from: date
    source: str
    value: T_co


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` of `unit` in any `window_s` seconds at one `level` (L5, L6b).

    `resets_daily_in`: an IANA zone whose midnight empties the window, `None` = the window slides.
    `source_id` is the sentence cited, `source` where the number comes from.
    """

    name: str
    level: Level
    kind: LimitKind
    unit: UsageUnit
    window_s: int
    count: int
    action: PolicyAction
    source_id: str
    source: str
    resets_daily_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the rules compare with from `effective_from` on. `digest` covers the rule ids and every value."""

    version: str
    effective_from: date
    territory: PolicyValue[tuple[str, ...]]
    calling_plan_providers: PolicyValue[tuple[str, ...]]
    min_app_version: PolicyValue[AppVersion]
    body_max_characters: PolicyValue[int]
    retention_days: PolicyValue[int]
    regulatory_retention_days: PolicyValue[int | None]
    delivery_receipt_timeout_s: PolicyValue[int]
    campaign_numbers_max: PolicyValue[int]
    keywords: PolicyValue[KeywordLists]
    keyword_scope: PolicyValue[ConsentScope]
    opt_out_business_days: PolicyValue[int]
    limits: PolicyValue[tuple[Limit, ...]]
    hours: PolicyValue[HoursPolicy]
    content: PolicyValue[tuple[ContentRule, ...]]
    digest: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the digest once; it is read with every decision."""
        canonical = {"rules": [*RuleId], "sendRules": [*SendRuleId], "policy": to_document(self)}
        text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    def __hash__(self) -> int:
        """Hash by digest: a policy is part of the key of every memoised result."""
        return hash(self.digest)

    def limit(self, name: str) -> Limit | None:
        """Give the limit of that name, if the policy has it."""
        return next((limit for limit in self.limits.value if limit.name == name), None)


def in_force(policies: Iterable[Policy], moment: datetime) -> Policy | None:
    """Give the policy in force at a moment (UTC): the latest begun; of two begun together, the later given."""
    chosen: Policy | None = None
    for policy in policies:
        if policy.effective_from <= moment.date() and (
            chosen is None or policy.effective_from >= chosen.effective_from
        ):
            chosen = policy
    return chosen


def to_document(policy: Policy) -> dict[str, Any]:
    """Write a policy as JSON values; `policy_document.parse_policy` reads it back equal."""
    return {item.name: _plain(getattr(policy, item.name)) for item in fields(policy) if item.init}


def _plain(value: Any) -> Any:
    if isinstance(value, AppVersion):
        return str(value)
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value
