"""Campaigns, what an organization texts about: handing them in, and what the registry and carriers answered (P6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Target
from core.commands import evidence
from core.commands.absent import ABSENT, Absent, Given, or_none
from core.commands.differences import shown
from core.commands.edits import Edit, Edited, locked, write
from core.commands.fact_versions import append_first, first_facts
from core.commands.orgs import locked_org
from core.commands.problems import Problems
from core.commands.refusals import Refused, WrongState, not_found
from core.commands.signing import sign_org
from core.commands.transaction import Answer, Transaction
from core.commands.writes import insert
from core.rules.enums import BrandStatus, CampaignStatus, CarrierStatus
from core.rules.states import CAMPAIGN, may_become, why_not
from core.storage.rows import CampaignRow
from core.storage.tables import Campaigns

USE_CASE_LENGTH_MAX = 64
"""The registry's use cases are one or two words."""
DESCRIPTION_LENGTH_MAX = 4_096
"""The registry takes no longer one."""
SAMPLES_MAX = 5
"""The registry takes one to five examples."""
SAMPLE_LENGTH_MAX = 1_024
"""The registry takes no longer example."""
CARRIER_LENGTH_MAX = 64
"""A carrier's name is a few words."""

NO_BRAND = "NONE"
"""The state that a refusal names where there is no brand."""

_IS_KNOWN = "SELECT true FROM texting.campaigns WHERE org_id = $1 AND id = $2"
_BRAND = "SELECT id, registration FROM texting.brands WHERE org_id = $1"
_STANDING = frozenset({BrandStatus.PENDING, BrandStatus.IN_REVIEW, BrandStatus.APPROVED})
"""Where a brand must stand for a campaign to be handed in. The source does not say: we follow registries, which review
the two one after the other, and let a campaign wait for its brand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """A campaign to hand in. `use_case`: the registry's, such as `CUSTOMER_CARE`; it never changes."""

    use_case: str
    description: str
    sample_messages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStatusChange:
    """What was answered: `status` by the registry, or `carrier_status` by `carrier`.

    `evidence`: the answer as it was given, any JSON that the log can keep. `effective_from`: UTC; `None` = from now.
    """

    campaign_id: UUID
    status: Given[CampaignStatus | None] = ABSENT
    carrier: Given[str | None] = ABSENT
    carrier_status: Given[CarrierStatus | None] = ABSENT
    evidence: Given[Any] = ABSENT
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAnswer:
    """What one carrier answered."""

    carrier: str
    status: CarrierStatus


async def submit_campaign(tx: Transaction, wanted: NewCampaign) -> Answer:
    """Hand in a campaign, which begins SUBMITTED; `WrongState` without a brand that is registered or under review."""
    problems = Problems()
    columns = _columns(problems, wanted)
    problems.refuse()
    await locked_org(tx)
    row = {**columns, "brand_id": await _standing_brand(tx), "status": CampaignStatus.SUBMITTED}
    id = tx.new_id()
    own = {"org_id": tx.org_id, "id": id, "since": tx.now, "created_at": tx.now, "last_audit_id": tx.audit_id}
    await insert(tx.connection, Campaigns, [row | own])
    await append_first(tx, [first_facts(tx, "Campaign", row | own)])
    await sign_org(tx, tx.audit_id)
    await tx.record(
        action=Action.CAMPAIGN_SUBMIT,
        target=Target(type="Campaign", id=id, name=row["use_case"]),
        before=None,
        after=shown(tx, row),
        involves=(row["brand_id"],),
    )
    return _answer(id, tx.audit_id)


async def refuse_unknown(tx: Transaction, campaign_id: UUID) -> None:
    """Refuse, as `campaignId`, what is no campaign of the organization."""
    if not await tx.connection.fetchval(_IS_KNOWN, tx.org_id, campaign_id):
        raise not_found("campaignId", tx.global_id("Campaign", campaign_id))


async def record_campaign_status(tx: Transaction, wanted: CampaignStatusChange) -> Answer:
    """Record what the registry answered about a campaign, or one carrier. A status that stays is no transition."""
    problems = Problems()
    answer = _answered(problems, wanted)
    columns: dict[str, Any] = {}
    if not isinstance(wanted.evidence, Absent):
        columns["evidence"] = evidence.read(problems, ("evidence",), wanted.evidence)
    problems.not_future(("effectiveFrom",), wanted.effective_from, tx.now)
    problems.refuse()
    assert answer is not None, "an answer that is left out was refused"
    await locked_org(tx)
    edit = Edit(id=wanted.campaign_id, columns=columns, effective_from=wanted.effective_from)
    row = (await locked(tx, Campaigns, [edit], CampaignRow, argument="campaignId"))[wanted.campaign_id]
    if isinstance(answer, CampaignStatus):
        return await _record_status(tx, row, edit, answer)
    return await _record_carrier(tx, row, edit, answer)


async def _record_status(tx: Transaction, row: CampaignRow, edit: Edit, status: CampaignStatus) -> Answer:
    stands = CampaignStatus(row.status)
    if status != stands and not may_become(CAMPAIGN, stands, status):
        message = f"the campaign is `{stands}`: {why_not(CAMPAIGN, stands, status)}"
        raise Refused(WrongState(message=message, state=stands))
    moves = status != stands or edit.effective_from is not None
    since = {"since": edit.effective_from or tx.now} if moves else {}
    edited = await _written(tx, row, edit, {"status": status, **since})
    if "status" in edited.changed:
        await sign_org(tx, edited.audit_id)
    before, after = edited.before(tx, row.id), edited.after(tx, row.id)
    return await _recorded(tx, edited, Action.CAMPAIGN_STATUS_RECORD, before, after)


async def _record_carrier(tx: Transaction, row: CampaignRow, edit: Edit, answer: CarrierAnswer) -> Answer:
    """Set one carrier's answer; the record tells of that carrier alone, however many there are."""
    known = next((each for each in row.carriers if each["carrier"].casefold() == answer.carrier.casefold()), None)
    now = {
        "carrier": answer.carrier if known is None else known["carrier"],
        "status": answer.status,
        "since": (edit.effective_from or tx.now).isoformat(),
    }
    if known is not None and known["status"] == now["status"] and edit.effective_from is None:
        now = known
    others = [each for each in row.carriers if each is not known]
    carriers = sorted([*others, now], key=lambda each: str(each["carrier"]).casefold())
    edited = await _written(tx, row, edit, {"carriers": carriers})
    before, after = edited.before(tx, row.id), edited.after(tx, row.id)
    before["carriers"], after["carriers"] = [] if known is None else [known], [now]
    return await _recorded(tx, edited, Action.CAMPAIGN_CARRIER_RECORD, before, after)


async def _written(tx: Transaction, row: CampaignRow, edit: Edit, columns: Mapping[str, Any]) -> Edited[CampaignRow]:
    (edited,) = await write(tx, Campaigns, [replace(edit, columns={**edit.columns, **columns})], {row.id: row})
    return edited


async def _recorded(
    tx: Transaction, edited: Edited[CampaignRow], action: Action, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Answer:
    row = edited.row
    await tx.record(
        action=action,
        audit_id=edited.audit_id,
        target=Target(type="Campaign", id=row.id, name=row.use_case, version=row.version),
        before=before,
        after=after,
        involves=(row.brand_id,),
    )
    return _answer(row.id, edited.audit_id)


async def _standing_brand(tx: Transaction) -> UUID:
    brand = await tx.connection.fetchrow(_BRAND, tx.org_id)
    if brand is None or brand["registration"] not in _STANDING:
        state = NO_BRAND if brand is None else brand["registration"]
        message = f"the organization's brand is `{state}`: register it first, campaigns are of a brand"
        raise Refused(WrongState(message=message, state=state))
    id: UUID = brand["id"]
    return id


def _columns(problems: Problems, wanted: NewCampaign) -> dict[str, Any]:
    if not 0 < len(wanted.sample_messages) <= SAMPLES_MAX:
        message = f"`sampleMessages` holds {len(wanted.sample_messages)} messages: give 1 to {SAMPLES_MAX}"
        problems.add(("sampleMessages",), "COUNT", message)
    return {
        "use_case": problems.text(("useCase",), wanted.use_case, longest=USE_CASE_LENGTH_MAX),
        "description": problems.text(("description",), wanted.description, longest=DESCRIPTION_LENGTH_MAX, lines=True),
        "sample_messages": [
            problems.text(("sampleMessages", str(at)), sample, longest=SAMPLE_LENGTH_MAX, lines=True)
            for at, sample in enumerate(wanted.sample_messages[:SAMPLES_MAX])
        ],
    }


def _answered(problems: Problems, wanted: CampaignStatusChange) -> CampaignStatus | CarrierAnswer | None:
    """Read who answered what; `None` where a fault was noted."""
    status, carrier, answer = or_none(wanted.status), or_none(wanted.carrier), or_none(wanted.carrier_status)
    if carrier is None:
        if answer is not None:
            problems.add(("carrier",), "MISSING", f"`carrierStatus` is `{answer}`: name the carrier that answered so")
        elif status is None:
            problems.add(("status",), "MISSING", "nothing was answered: give `status`, or `carrier` and its answer")
        return status
    name = problems.text(("carrier",), carrier, longest=CARRIER_LENGTH_MAX)
    if status is not None:
        message = f"`status` is `{status}`, the registry's answer: leave it out beside a carrier's, or record it apart"
        problems.add(("status",), "TWO_ANSWERS", message)
    if answer is None:
        problems.add(("carrierStatus",), "MISSING", "`carrier` is given without its answer: give `carrierStatus` too")
        return None
    return CarrierAnswer(carrier=name, status=answer)


def _answer(campaign_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type="CampaignSubmitted", refs={"campaign_ref": str(campaign_id), "record_ref": str(audit_id)})
