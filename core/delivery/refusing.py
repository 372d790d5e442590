"""Inbound texts that are not taken (L4), and the record that each of them leaves."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from audit.actions import Action
from audit.record import AuditKind, AuditOutcome, Erasable, Target
from core.delivery.carriers.carrier import InboundText
from core.delivery.directory import OurNumber
from core.delivery.work import Work
from core.ids import SYSTEM_ORG_ID
from core.rules.numbers import PhoneNumber, Problem, is_short_code
from core.rules.policy import Policy
from core.rules.rule_ids import SendRuleId

SENDER_LENGTH_MAX = 64
"""What a record shows of a sender that is no number: names of senders are far shorter."""


class Reason(StrEnum):
    """Why an inbound text is not taken, the first that holds deciding."""

    NUMBER_UNKNOWN = "NUMBER_UNKNOWN"
    SENDER_UNREADABLE = "SENDER_UNREADABLE"
    INTERNATIONAL = "INTERNATIONAL"
    MEDIA = "MEDIA"
    NO_HOLDER = "NO_HOLDER"


RULES = {
    Reason.SENDER_UNREADABLE: SendRuleId.DEST_VALID,
    Reason.INTERNATIONAL: SendRuleId.DEST_COUNTRY_US_CA,
    Reason.MEDIA: SendRuleId.NO_MEDIA,
}
"""The rule of sending that says the same of the other direction."""


def reasons_against(
    sender: PhoneNumber | Problem, text: InboundText, number: OurNumber, policy: Policy
) -> tuple[Reason, ...]:
    """Give every reason not to take a text. A short code is a domestic sender (L4 speaks of international ones)."""
    found: list[Reason] = []
    if isinstance(sender, Problem):
        found.append(Reason.SENDER_UNREADABLE)
    elif not is_short_code(sender.e164) and not (sender.valid and sender.region in policy.territory.value):
        found.append(Reason.INTERNATIONAL if sender.valid else Reason.SENDER_UNREADABLE)
    if text.media_urls:
        found.append(Reason.MEDIA)
    if number.holder is None:
        found.append(Reason.NO_HOLDER)
    return tuple(found)


def record_refused(work: Work, text: InboundText, number: OurNumber | None, reasons: Sequence[Reason]) -> None:
    """Note the record of a text that is not taken; its words are not kept.

    One for a number that nobody has stands in the provider's own log.
    """
    rule = RULES.get(reasons[0])
    outside, ours = work.pseudonym(text.sender), work.pseudonym(text.recipient)
    told: dict[str, Any] = {
        "from": Erasable(text.sender[:SENDER_LENGTH_MAX], outside),
        "to": Erasable(text.recipient[:SENDER_LENGTH_MAX], ours),
        "bodyLength": len(text.body),
        "mediaCount": len(text.media_urls),
    }
    more: dict[str, Any] = {}
    involved = [outside]
    if number is not None and number.holder is not None:
        involved.append(number.holder.user_id)
        more["location_id"] = number.holder.location_id
    if rule is not None:
        more |= {"rule": rule, "policy": work.policy.version, "policy_digest": work.policy.digest}
    target = Target(type="UserPhoneNumber", id=number.id) if number is not None else _provider()
    work.record(
        Action.MESSAGE_RECEIVE,
        target=target,
        before=None,
        after=told,
        kind=AuditKind.DENIAL if rule is not None else AuditKind.FAILURE,
        outcome=AuditOutcome.DENIED if rule is not None else AuditOutcome.FAILED,
        involves=tuple(involved),
        status_code=reasons[0],
        status_detail="; ".join(reasons),
        **more,
    )


def may_have_been_texted(reasons: Sequence[Reason]) -> bool:
    """Say whether the sender is one that our texts could have gone to, so that an opt-out has something to stop."""
    return not {Reason.SENDER_UNREADABLE, Reason.INTERNATIONAL, Reason.NUMBER_UNKNOWN}.intersection(reasons)


def _provider() -> Target:
    return Target(type="Org", id=SYSTEM_ORG_ID)
