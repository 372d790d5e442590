"""Why a message failed, in one vocabulary for all carriers, and what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.rules.carrier_errors import TABLE, CarrierCode, CarrierError
from core.rules.enums import RemediationKind
from core.rules.words.catalogue import render
from engine import Info, Registry
from resolvers.context import RequestContext
from resolvers.rule_results import Remediation

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailure:
    """One failure as it was kept. `carrier_code`: the carrier's own. `message`: in the caller's language."""

    graphql_type: ClassVar[str] = "MessageFailure"

    layer: str
    canonical_code: str
    carrier_code: str | None
    carrier: str | None
    retryable: bool
    message: str


def failure(context: RequestContext, stored: Mapping[str, Any] | None) -> MessageFailure | None:
    """Show a failure that a message or its history keeps."""
    if stored is None:
        return None
    return MessageFailure(
        layer=stored["layer"],
        canonical_code=stored["canonical_code"],
        carrier_code=stored["carrier_code"],
        carrier=stored["carrier"],
        retryable=stored["retryable"],
        message=render(_line(stored["canonical_code"]).message, context.language),
    )


@registry.bind("MessageFailure.remediation")
def remediation(parents: Sequence[MessageFailure], info: Info) -> list[Remediation | None]:
    """Say what would help, where anything does."""
    return [_remediation(info.context, _line(each.canonical_code)) for each in parents]


def _remediation(context: RequestContext, line: CarrierError) -> Remediation | None:
    if line.fixed_by is RemediationKind.NOT_FIXABLE:
        return None
    summary = render(line.remediation, context.language)
    return Remediation(rule_id=line.code, kind=line.fixed_by, owner=line.owner, summary=summary)


def _line(code: str) -> CarrierError:
    return TABLE[CarrierCode(code)]
