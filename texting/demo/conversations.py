"""The demo's texts: to fictional numbers, each of which answers in its own way, and some that may not go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from audit.actions import Action
from core.commands import consents, sends
from core.commands.consents import NewConsent
from core.commands.send_facts import Draft
from core.commands.transaction import Command
from core.principal import Principal
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from texting.demo.maker import Maker, Step

_USERS = "SELECT id, display_name FROM texting.users WHERE org_id = $1"
OPTED_OUT = "+19895550160"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text to try. `core.delivery.carriers.magic` says what becomes of it by the recipient's last digits."""

    sender: str
    to: str
    body: str


# Who may text by then is on the pilot; the last three are refused, each by another rule.
_SENT = (
    _Text(sender="Ana Álvarez", to="+19895550101", body="Hi Sam, your tent is repaired and ready to pick up."),
    _Text(sender="Ana Álvarez", to="+19895550153", body="Can you come by on Thursday at 10?"),
    _Text(sender="Ana Álvarez", to="+19895550150", body="The boots you asked for are back in stock."),
    _Text(sender="Ben Brooks", to="+19895550151", body="Your kayak course starts at 9. See you at the pier!"),
    _Text(sender="Ben Brooks", to="+19895550110", body="We found your gloves."),
    _Text(sender="Chloé Chen", to="+19895550102", body="À demain, nous ouvrons à 8 h. 🏔️"),
    _Text(sender="Chloé Chen", to="+19895550112", body="Your order 1042 left our store today."),
)
_REFUSED = (
    _Text(sender="Ana Álvarez", to=OPTED_OUT, body="We miss you!"),
    _Text(sender="Ana Álvarez", to="+442079460958", body="Your order has left for London."),
    _Text(sender="Iris Dubois", to="+19895550101", body="Your tent is ready."),
)


async def hold(maker: Maker) -> None:
    """Queue the texts; the workers send them, and carriers and recipients answer."""
    ids = {row["display_name"]: row["id"] for row in await maker.read(_USERS)}
    by_voice = NewConsent(
        subject=OPTED_OUT,
        scope=ConsentScope.ORG,
        sender=None,
        campaign_id=None,
        action=ConsentAction.OPT_OUT,
        basis=ConsentBasis.VOICE,
        occurred_at=None,
        evidence="said on the telephone: no texts, please",
    )
    step = Step(name="opt-out by voice", action=Action.CONSENT_RECORD, type="Org", id=maker.org_id)
    await maker.change(maker.admin, step, lambda tx: consents.record_consent(tx, by_voice))
    for text in _SENT:
        await maker.change(*_sending(maker, text, ids[text.sender]))
    for text in _REFUSED:
        await maker.attempt(*_sending(maker, text, ids[text.sender]))


def _sending(maker: Maker, text: _Text, user_id: UUID) -> tuple[Principal, Step, Command]:
    step = Step(name=f"text to {text.to}", action=Action.MESSAGE_SEND, type="User", id=user_id)
    draft = Draft(user_id=user_id, to=text.to, body=text.body)
    return maker.user(user_id, text.sender), step, partial(sends.send_message, draft=draft)
