"""A send decision as it is kept with the message it stopped: every rule's finding, to be shown again as it was.

Nothing is worked out anew when it is read: a decision of last year reads as it was made.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.rules.eligibility import Decision
from core.rules.enums import Comparator, Encoding, Level, Outcome, RuleStatus
from core.rules.results import Message, Observed, Params, RuleResult, deciding
from core.rules.sending import SendDecision


def stored(decision: SendDecision) -> dict[str, Any]:
    """Write a decision as JSON values; `restored` reads it back equal."""
    return {
        "outcome": decision.outcome.value,
        "segments": decision.segments,
        "encoding": decision.encoding.value,
        "next_allowed_at": decision.next_allowed_at.isoformat() if decision.next_allowed_at is not None else None,
        "policy_version": decision.policy_version,
        "policy_digest": decision.policy_digest,
        "rules": [_stored_result(result) for result in decision.rules],
        "eligibility": _stored_eligibility(decision.eligibility),
    }


def restored(document: Mapping[str, Any]) -> SendDecision:
    """Read a stored decision. Raises `KeyError` or `ValueError` when it is none."""
    outcome = Outcome(document["outcome"])
    rules = tuple(_result(each) for each in document["rules"])
    next_allowed_at = document["next_allowed_at"]
    return SendDecision(
        outcome=outcome,
        decided_by=deciding(rules, outcome),
        rules=rules,
        segments=document["segments"],
        encoding=Encoding(document["encoding"]),
        next_allowed_at=datetime.fromisoformat(next_allowed_at) if next_allowed_at is not None else None,
        policy_version=document["policy_version"],
        policy_digest=document["policy_digest"],
        eligibility=_eligibility(document["eligibility"]),
    )


def _stored_eligibility(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome.value,
        "prerequisites": decision.prerequisites.value,
        "enabled": decision.enabled,
        "policy_version": decision.policy_version,
        "policy_digest": decision.policy_digest,
        "rules": [_stored_result(result) for result in decision.rules],
    }


def _eligibility(document: Mapping[str, Any]) -> Decision:
    outcome = Outcome(document["outcome"])
    rules = tuple(_result(each) for each in document["rules"])
    denials = tuple(result for result in rules if result.status is RuleStatus.FAIL)
    return Decision(
        outcome=outcome,
        prerequisites=Outcome(document["prerequisites"]),
        enabled=document["enabled"],
        decided_by=deciding(rules, outcome),
        rules=rules,
        denials=denials,
        root_causes=tuple(result for result in denials if not result.blocked_by),
        policy_version=document["policy_version"],
        policy_digest=document["policy_digest"],
    )


def _stored_result(result: RuleResult) -> dict[str, Any]:
    return {
        "rule_id": str(result.rule_id),
        "level": result.level.value,
        "status": result.status.value,
        "observed": _stored_value(result.observed),
        "required": _stored_value(result.required),
        "comparator": result.comparator.value,
        "message_id": result.message_id,
        "params": _stored_params(result.params),
        "blocked_by": [str(rule_id) for rule_id in result.blocked_by],
    }


def _result(document: Mapping[str, Any]) -> RuleResult:
    return RuleResult(
        rule_id=document["rule_id"],
        level=Level(document["level"]),
        status=RuleStatus(document["status"]),
        observed=_value(document["observed"]),
        required=_value(document["required"]),
        comparator=Comparator(document["comparator"]),
        message_id=document["message_id"],
        params=_params(document["params"]),
        blocked_by=tuple(document["blocked_by"]),
    )


def _stored_value(value: Observed) -> Any:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _value(value: Any) -> Observed:
    return tuple(value) if isinstance(value, list) else value


def _stored_params(given: Params) -> list[list[Any]]:
    """Write pairs; a message that stands in a message becomes an object."""
    return [[name, _stored_message(value) if isinstance(value, Message) else str(value)] for name, value in given]


def _params(pairs: list[list[Any]]) -> Params:
    return tuple((name, value if isinstance(value, str) else _message(value)) for name, value in pairs)


def _stored_message(message: Message) -> dict[str, Any]:
    return {"id": message.id, "params": _stored_params(message.params)}


def _message(document: Mapping[str, Any]) -> Message:
    return Message(id=document["id"], params=_params(document["params"]))
