"""The brand an organization texts as: handing it in, and what the registry answered (P6)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from audit.actions import Action
from audit.record import Target
from core.commands import evidence
from core.commands.absent import ABSENT, Absent, Given, given, or_none
from core.commands.differences import shown
from core.commands.edits import Edit, Edited, locked, write
from core.commands.fact_versions import append_first, first_facts
from core.commands.orgs import NAME_LENGTH_MAX, locked_org
from core.commands.problems import Path, Problems
from core.commands.problems import shown as repeated
from core.commands.refusals import Refused, WrongState
from core.commands.signing import sign_org
from core.commands.transaction import Answer, Transaction
from core.commands.writes import insert
from core.rules.enums import BrandFeedback, BrandIdentity, BrandStatus
from core.rules.states import BRAND, may_become, why_not
from core.storage.rows import BrandRow
from core.storage.tables import Brands

TAX_ID_LENGTH_MAX = 64
"""An EIN has ten characters; other countries' numbers with their prefixes are longer."""
WEBSITE_LENGTH_MAX = 2_048
"""What browsers and registries take as an address."""
SCORE_MAX = 100
"""Registries score from 0 to 100."""

_OF_ORG = "SELECT id FROM texting.brands WHERE org_id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBrand:
    """A brand to hand in. Handed in again, what is absent stays as it was."""

    legal_name: str
    tax_id: Given[str | None] = ABSENT
    website: Given[str | None] = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandStatusChange:
    """What the registry answered. `score`, `feedback`: `None` = none. `effective_from`: UTC; `None` = from now.

    `evidence`: the answer as it was given, any JSON that the log can keep.
    """

    brand_id: UUID
    registration: Given[BrandStatus | None] = ABSENT
    identity: Given[BrandIdentity | None] = ABSENT
    score: Given[int | None] = ABSENT
    feedback: Given[tuple[BrandFeedback, ...] | None] = ABSENT
    evidence: Given[Any] = ABSENT
    effective_from: datetime | None = None


async def register_brand(tx: Transaction, wanted: NewBrand) -> Answer:
    """Hand in the brand, which begins PENDING; one that FAILED is handed in again and goes IN_REVIEW.

    An organization has one brand: `WrongState` while it stands anywhere else.
    """
    problems = Problems()
    columns = _columns(problems, wanted)
    problems.refuse()
    await locked_org(tx)
    id = await tx.connection.fetchval(_OF_ORG, tx.org_id)
    return await (_register(tx, columns) if id is None else _resubmit(tx, id, columns))


async def record_brand_status(tx: Transaction, wanted: BrandStatusChange) -> Answer:
    """Record what the registry answered about a brand. A registration that stays is no transition."""
    problems = Problems()
    columns = _answered(problems, wanted)
    problems.not_future(("effectiveFrom",), wanted.effective_from, tx.now)
    problems.refuse()
    await locked_org(tx)
    edit = Edit(id=wanted.brand_id, columns=columns, effective_from=wanted.effective_from)
    row = (await locked(tx, Brands, [edit], BrandRow, argument="brandId"))[wanted.brand_id]
    since = {}
    if "registration" in columns:
        _refuse_transition(row, columns["registration"])
        since = _since(tx, row, columns["registration"], wanted.effective_from)
    return await _change(tx, row, replace(edit, columns=columns | since), Action.BRAND_STATUS_RECORD)


async def _register(tx: Transaction, columns: dict[str, Any]) -> Answer:
    row = {
        "tax_id": None,
        "website": None,
        **columns,
        "registration": BrandStatus.PENDING,
        "identity": BrandIdentity.SELF_DECLARED,
        "since": tx.now,
    }
    id = tx.new_id()
    own = {"org_id": tx.org_id, "id": id, "created_at": tx.now, "last_audit_id": tx.audit_id}
    await insert(tx.connection, Brands, [row | own])
    await append_first(tx, [first_facts(tx, "Brand", row | own)])
    await sign_org(tx, tx.audit_id)
    told = {name: value for name, value in row.items() if value is not None and name != "since"}
    await tx.record(
        action=Action.BRAND_REGISTER,
        target=Target(type="Brand", id=id, name=row["legal_name"]),
        before=None,
        after=shown(tx, told, id),
    )
    return _answer(id, tx.audit_id)


async def _resubmit(tx: Transaction, id: UUID, columns: dict[str, Any]) -> Answer:
    again = {"registration": BrandStatus.IN_REVIEW, "feedback": [], "since": tx.now}
    edit = Edit(id=id, columns=columns | again)
    row = (await locked(tx, Brands, [edit], BrandRow, argument="orgId"))[id]
    if row.registration != BrandStatus.FAILED:
        message = f"the organization has a brand, which is `{row.registration}`: only one that FAILED is handed in anew"
        raise Refused(WrongState(message=message, state=row.registration))
    return await _change(tx, row, edit, Action.BRAND_REGISTER)


async def _change(tx: Transaction, row: BrandRow, edit: Edit, action: Action) -> Answer:
    edited: Edited[BrandRow]
    (edited,) = await write(tx, Brands, [edit], {row.id: row})
    if "registration" in edited.changed:
        await sign_org(tx, edited.audit_id)
    await tx.record(
        action=action,
        audit_id=edited.audit_id,
        target=Target(type="Brand", id=row.id, name=row.legal_name, version=row.version),
        before=edited.before(tx, row.id),
        after=edited.after(tx, row.id),
    )
    return _answer(row.id, edited.audit_id)


def _columns(problems: Problems, wanted: NewBrand) -> dict[str, Any]:
    columns: dict[str, Any] = {"legal_name": problems.text(("legalName",), wanted.legal_name, longest=NAME_LENGTH_MAX)}
    if not isinstance(wanted.tax_id, Absent):
        columns["tax_id"] = problems.optional_text(("taxId",), wanted.tax_id, longest=TAX_ID_LENGTH_MAX)
    if not isinstance(wanted.website, Absent):
        columns["website"] = _website(problems, ("website",), wanted.website)
    return columns


def _website(problems: Problems, path: Path, value: str | None) -> str | None:
    """Check an address that pages will link to: a scheme such as `javascript` must not get in."""
    noted = len(problems.found)
    text = problems.optional_text(path, value, longest=WEBSITE_LENGTH_MAX)
    if text is not None and len(problems.found) == noted and not _is_website(text):
        message = f"`{repeated(text)}` is no website: write one such as `https://example.com`"
        problems.add(path, "NOT_A_WEBSITE", message)
    return text


def _is_website(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(char.isspace() for char in text)


def _answered(problems: Problems, wanted: BrandStatusChange) -> dict[str, Any]:
    columns = given(registration=wanted.registration, identity=wanted.identity, score=wanted.score)
    for name in ("registration", "identity"):
        if name in columns:
            problems.not_null((name,), columns[name])
    score = or_none(wanted.score)
    if score is not None and not 0 <= score <= SCORE_MAX:
        problems.add(("score",), "OUT_OF_RANGE", f"`{score}` is no score: give 0 to {SCORE_MAX}, or null for none")
    if not isinstance(wanted.feedback, Absent):
        columns["feedback"] = list(dict.fromkeys(wanted.feedback or ()))
    if not isinstance(wanted.evidence, Absent):
        columns["evidence"] = evidence.read(problems, ("evidence",), wanted.evidence)
    return columns


def _refuse_transition(row: BrandRow, wanted: BrandStatus) -> None:
    stands = BrandStatus(row.registration)
    if wanted != stands and not may_become(BRAND, stands, wanted):
        message = f"the brand is `{stands}`: {why_not(BRAND, stands, wanted)}"
        raise Refused(WrongState(message=message, state=stands))


def _since(tx: Transaction, row: BrandRow, wanted: BrandStatus, effective_from: datetime | None) -> dict[str, Any]:
    """Give since when the registration stands where it does: unchanged, unless it moves or that very time is told."""
    if wanted == row.registration and effective_from is None:
        return {}
    return {"since": effective_from or tx.now}


def _answer(brand_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type="BrandRegistered", refs={"brand_ref": str(brand_id), "record_ref": str(audit_id)})
