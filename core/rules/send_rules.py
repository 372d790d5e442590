"""The rules of sending: may this message go (L4 to L6, and extensions that say so)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.rules.consent import ConsentState
from core.rules.content import matches
from core.rules.eligibility import Decision
from core.rules.enums import (
    BlockAuthority,
    Comparator,
    Level,
    LimitKind,
    Outcome,
    PolicyAction,
    RuleStatus,
    TrafficBlockKind,
    TrafficBlockReason,
)
from core.rules.hours import inside, next_allowed, unknown_zones
from core.rules.numbers import PhoneNumber, Problem
from core.rules.policy import Policy
from core.rules.results import NO_REGION, Params, named, params
from core.rules.rule import Finding, Rule
from core.rules.rule_ids import SendRuleId
from core.rules.segments import measure
from core.rules.usage import Excess, Usage, excesses


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficBlock:
    """What was imposed on an org, campaign, user or number (L6). Half-open; `ended_at` `None` = not lifted."""

    target: Level
    kind: TrafficBlockKind
    imposed_by: BlockAuthority
    reason: TrafficBlockReason
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFacts:
    """Everything a send reads. Times are UTC.

    `consent` `None`: could not be read. `conversational`: the recipient wrote to this sender before. `age_gated`: the
    campaign is. `recipient_zones`: every zone the number may be in, or the one known zone.
    """

    eligibility: Decision
    destination: PhoneNumber | Problem
    body: str
    now: datetime
    consent: ConsentState | None
    media_urls: tuple[str, ...] = ()
    blocks: tuple[TrafficBlock, ...] = ()
    usage: tuple[Usage, ...] = ()
    recipient_zones: frozenset[str] = frozenset()
    conversational: bool = False
    age_gated: bool = False


def active_blocks(facts: SendFacts) -> tuple[TrafficBlock, ...]:
    """Give what is imposed now, blocks before throttles, the one that lasts longest first."""
    active = [
        block
        for block in facts.blocks
        if block.started_at <= facts.now and (block.ended_at is None or facts.now < block.ended_at)
    ]
    return tuple(sorted(active, key=_longest_first))


def _longest_first(block: TrafficBlock) -> tuple[bool, bool, float]:
    ends = block.ended_at
    return block.kind != TrafficBlockKind.BLOCK, ends is not None, -ends.timestamp() if ends is not None else 0.0


_STATUS_OF_OUTCOME = {
    Outcome.ALLOWED: RuleStatus.PASS,
    Outcome.DENIED: RuleStatus.FAIL,
    Outcome.PENDING: RuleStatus.PENDING,
    Outcome.INDETERMINATE: RuleStatus.UNKNOWN,
}
_NO_DESTINATION = Finding(status=RuleStatus.NOT_APPLICABLE, observed=None, blocked_by=(SendRuleId.DEST_VALID.value,))


def _eligible(facts: SendFacts, _policy: Policy) -> Finding:
    decision = facts.eligibility
    status = _STATUS_OF_OUTCOME[decision.outcome]
    if decision.decided_by is None:
        return Finding(status=status, observed=decision.outcome)
    explaining = decision.root_causes or (decision.decided_by,)
    return Finding(
        status=status,
        observed=decision.outcome,
        params=params(because=explaining[0].message),
        blocked_by=tuple(result.rule_id for result in explaining),
    )


def _destination(facts: SendFacts, _policy: Policy) -> Finding:
    destination = facts.destination
    if isinstance(destination, Problem):
        seen = params(problem=destination.message)
        return Finding(status=RuleStatus.FAIL, variant="problem", observed=destination.code, params=seen)
    seen = params(observed=destination.e164)
    if not destination.valid:
        return Finding(status=RuleStatus.FAIL, variant="invalid", observed=destination.e164, params=seen)
    return Finding(status=RuleStatus.PASS, observed=destination.e164, params=seen)


def _destination_country(facts: SendFacts, policy: Policy) -> Finding:
    destination = facts.destination
    if isinstance(destination, Problem) or not destination.valid:
        return _NO_DESTINATION
    region, territory = destination.region, policy.territory.value
    return Finding(
        status=RuleStatus.PASS if region in territory else RuleStatus.FAIL,
        observed=region,
        params=params(observed=region or NO_REGION, required=territory),
    )


def _no_media(facts: SendFacts, _policy: Policy) -> Finding:
    count = len(facts.media_urls)
    status = RuleStatus.FAIL if count else RuleStatus.PASS
    return Finding(status=status, observed=count, params=params(observed=count))


def _body_present(facts: SendFacts, _policy: Policy) -> Finding:
    present = bool(facts.body.strip())
    return Finding(status=RuleStatus.PASS if present else RuleStatus.FAIL, observed=present)


def _body_length(facts: SendFacts, policy: Policy) -> Finding:
    length, most = len(facts.body), policy.body_max_characters.value
    status = RuleStatus.PASS if length <= most else RuleStatus.FAIL
    return Finding(status=status, observed=length, params=params(observed=length, required=most))


def _not_opted_out(facts: SendFacts, _policy: Policy) -> Finding:
    if isinstance(facts.destination, Problem):
        return _NO_DESTINATION
    state = facts.consent
    if state is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=None)
    if not state.opted_out or state.decided_by is None:
        return Finding(status=RuleStatus.PASS, observed=False)
    event = state.decided_by
    seen = params(since=_moment(state.since), scope=event.scope, basis=event.basis)
    return Finding(status=RuleStatus.FAIL, variant=event.scope.lower(), observed=True, params=seen)


def _not_blocked(facts: SendFacts, _policy: Policy) -> Finding:
    active = active_blocks(facts)
    if not active:
        return Finding(status=RuleStatus.PASS, observed=())
    worst = active[0]
    blocking = worst.kind == TrafficBlockKind.BLOCK
    return Finding(
        status=RuleStatus.FAIL if blocking else RuleStatus.WARN,
        observed=tuple(f"{block.kind.value} by {block.imposed_by.value}: {block.reason.value}" for block in active),
        params=params(
            target=named(worst.target),
            imposed_by=worst.imposed_by,
            reason=named(worst.reason),
            since=_moment(worst.started_at),
        ),
        level=worst.target,
    )


def _limits(kind: LimitKind) -> Callable[[SendFacts, Policy], Finding]:
    def judge(facts: SendFacts, policy: Policy) -> Finding:
        over = excesses(facts.usage, policy, kind, segments=measure(facts.body).segments)
        if not over:
            return Finding(status=RuleStatus.PASS, observed=())
        worst = over[0]
        variant = "frees" if worst.frees_at is not None else None
        return Finding(
            status=RuleStatus.FAIL if worst.limit.action == PolicyAction.BLOCK else RuleStatus.WARN,
            variant=variant,
            observed=tuple(f"{excess.limit.name}: {excess.used} of {excess.limit.count}" for excess in over),
            params=_excess_params(worst),
            level=worst.limit.level,
        )

    return judge


def _excess_params(excess: Excess) -> Params:
    limit = excess.limit
    return params(
        window=limit.name,
        level=named(limit.level),
        used=excess.used,
        cost=excess.cost,
        limit=limit.count,
        unit=named(limit.unit),
        window_s=limit.window_s,
        frees_at=_moment(excess.frees_at),
    )


def _content(facts: SendFacts, policy: Policy) -> Finding:
    found = matches(facts.body, policy.content.value, age_gated=facts.age_gated)
    if not found:
        return Finding(status=RuleStatus.PASS, observed=())
    worst = found[0]
    return Finding(
        status=RuleStatus.FAIL if worst.action == PolicyAction.BLOCK else RuleStatus.WARN,
        observed=tuple(f"{match.rule_id}[{match.start}:{match.end}]" for match in found),
        params=params(rule=worst.rule_id, category=worst.category, start=worst.start, end=worst.end),
    )


def _hours(facts: SendFacts, policy: Policy) -> Finding:
    hours = policy.hours.value
    if not hours.enabled:
        return Finding(status=RuleStatus.PASS, variant="off", observed=None)
    if facts.conversational and not hours.conversational:
        return Finding(status=RuleStatus.PASS, variant="reply", observed=None)
    if isinstance(facts.destination, Problem):
        return _NO_DESTINATION
    zones = facts.recipient_zones
    window = params(opens=hours.opens.isoformat("minutes"), closes=hours.closes.isoformat("minutes"))
    if not zones or unknown_zones(zones):
        return Finding(status=RuleStatus.UNKNOWN, observed=tuple(sorted(zones)), params=window)
    observed = tuple(sorted(zones))
    if inside(facts.now, zones, hours):
        return Finding(status=RuleStatus.PASS, observed=observed, params=window)
    opens_again = next_allowed(facts.now, zones, hours)
    variant = None if opens_again is not None else "never"
    return Finding(
        status=RuleStatus.FAIL,
        variant=variant,
        observed=observed,
        params=window + params(next_allowed_at=_moment(opens_again)),
    )


def _moment(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment is not None else None


def _rule(
    rule_id: SendRuleId,
    level: Level,
    source_id: str,
    comparator: Comparator,
    requires: Callable[[Policy], str | int | bool | tuple[str, ...]],
    judge: Callable[[SendFacts, Policy], Finding],
    reads: tuple[str, ...],
) -> Rule[SendFacts]:
    return Rule(
        rule_id=rule_id,
        level=level,
        source_id=source_id,
        comparator=comparator,
        requires=requires,
        judge=judge,
        reads=reads,
    )


def _limit_names(kind: LimitKind) -> Callable[[Policy], tuple[str, ...]]:
    return lambda policy: tuple(
        f"{limit.name}: at most {limit.count} {limit.unit.lower()} in {limit.window_s} s"
        for limit in policy.limits.value
        if limit.kind == kind
    )


_FCC_CONSENT, _FCC_HOURS, _EXTENSION = "47 CFR 64.1200(a)(10)", "47 CFR 64.1200(c)(1)", "EXTENSION"
SEND_RULES: tuple[Rule[SendFacts], ...] = (
    _rule(
        SendRuleId.SEND_ELIGIBLE,
        Level.USER,
        "U4",
        Comparator.EQUALS,
        lambda _policy: Outcome.ALLOWED.value,
        _eligible,
        ("eligibility",),
    ),
    _rule(
        SendRuleId.DEST_VALID,
        Level.RECIPIENT,
        _EXTENSION,
        Comparator.EQUALS,
        lambda _policy: "a valid number in E.164",
        _destination,
        ("destination",),
    ),
    _rule(
        SendRuleId.DEST_COUNTRY_US_CA,
        Level.RECIPIENT,
        "L4",
        Comparator.IN,
        lambda policy: policy.territory.value,
        _destination_country,
        ("destination",),
    ),
    _rule(SendRuleId.NO_MEDIA, Level.MESSAGE, "L4", Comparator.EQUALS, lambda _policy: 0, _no_media, ("media_urls",)),
    _rule(
        SendRuleId.BODY_PRESENT,
        Level.MESSAGE,
        _EXTENSION,
        Comparator.EQUALS,
        lambda _policy: True,
        _body_present,
        ("body",),
    ),
    _rule(
        SendRuleId.BODY_LENGTH_MAX,
        Level.MESSAGE,
        _EXTENSION,
        Comparator.AT_MOST,
        lambda policy: policy.body_max_characters.value,
        _body_length,
        ("body",),
    ),
    _rule(
        SendRuleId.RECIPIENT_NOT_OPTED_OUT,
        Level.RECIPIENT,
        _FCC_CONSENT,
        Comparator.EQUALS,
        lambda _policy: False,
        _not_opted_out,
        ("consent",),
    ),
    _rule(SendRuleId.NOT_BLOCKED, Level.ORG, "L6", Comparator.EMPTY, lambda _policy: (), _not_blocked, ("blocks",)),
    _rule(
        SendRuleId.WITHIN_LIMITS,
        Level.ORG,
        "L5",
        Comparator.WITHIN,
        _limit_names(LimitKind.QUANTITY),
        _limits(LimitKind.QUANTITY),
        ("usage", "body"),
    ),
    _rule(
        SendRuleId.NO_BURST,
        Level.USER,
        "L6b",
        Comparator.WITHIN,
        _limit_names(LimitKind.BURST),
        _limits(LimitKind.BURST),
        ("usage", "body"),
    ),
    _rule(
        SendRuleId.CONTENT_ALLOWED,
        Level.MESSAGE,
        "L6d",
        Comparator.EMPTY,
        lambda _policy: (),
        _content,
        ("body", "age_gated"),
    ),
    _rule(
        SendRuleId.WITHIN_HOURS,
        Level.RECIPIENT,
        _FCC_HOURS,
        Comparator.WITHIN,
        lambda policy: (
            policy.hours.value.opens.isoformat("minutes"),
            policy.hours.value.closes.isoformat("minutes"),
        ),
        _hours,
        ("now", "recipient_zones", "conversational"),
    ),
)
