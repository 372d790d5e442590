"""Organizations: creating one, and what it says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.record import Target
from core.commands import entitlements
from core.commands.absent import ABSENT, Given, given
from core.commands.differences import check_version, shown
from core.commands.edits import Edit, write
from core.commands.entitlements import CallingPlan, License, SetEntitlements
from core.commands.fact_versions import FactChange, append_first, facts_among
from core.commands.problems import Problems
from core.commands.refusals import not_found
from core.commands.signing import sign_org
from core.commands.transaction import Answer, Transaction
from core.commands.writes import insert, lock
from core.rules.enums import CustomerType
from core.rules.facts import OrgFacts
from core.rules.signatures import org_signature
from core.storage.rows import OrgRow
from core.storage.tables import Orgs

NAME_LENGTH_MAX = 256
"""The longest name of an organization or location: what Control Hub takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrg:
    """A new organization. An absent plan or add-on was never recorded; `None` records that there is none."""

    name: str
    customer_type: CustomerType
    calling_plan: Given[CallingPlan | None] = ABSENT
    texting_add_on: Given[License | None] = ABSENT
    handles_phi: bool | None = None
    healthcare: bool | None = None
    texting_enabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrg:
    """What an organization says of itself. `effective_from`: since when, UTC; `None` = from now."""

    name: Given[str | None] = ABSENT
    handles_phi: Given[bool | None] = ABSENT
    healthcare: Given[bool | None] = ABSENT
    expected_version: int | None = None
    effective_from: datetime | None = None


async def create_org(tx: Transaction, wanted: CreateOrg) -> Answer:
    """Create an organization, in whose own log the record stands.

    Its switch is stored as given: a new organization has no brand yet, so no prerequisite could hold (O1).
    """
    problems = Problems()
    name = problems.text(("name",), wanted.name, longest=NAME_LENGTH_MAX)
    sold = entitlements.columns(
        problems, calling_plan=wanted.calling_plan, texting_add_on=wanted.texting_add_on, stored=None
    )
    problems.refuse()
    org_id = tx.new_id()
    facts = {
        "customer_type": wanted.customer_type,
        "calling_plan_provider": None,
        "calling_plan_countries": None,
        "add_on_units": None,
        "add_on_suspended": False,
        **{column: value for column, value in sold.items() if column in entitlements.FACTS},
        "handles_phi": wanted.handles_phi,
        "healthcare": wanted.healthcare,
    }
    switch: dict[str, Any] = {"texting_enabled": wanted.texting_enabled, "texting_locked": False}
    if wanted.texting_enabled:
        by = tx.attempt.principal.subject
        switch |= {"texting_set_at": tx.now, "texting_set_by": by, "texting_audit_id": tx.audit_id}
    row = {"org_id": org_id, "name": name, **sold, **facts, **switch}
    row |= {"signature": _first_signature(tx, facts), "created_at": tx.now, "last_audit_id": tx.audit_id}
    async with tx.entering(org_id):
        await insert(tx.connection, Orgs, [row])
        first = facts_among("Org", {**facts, **switch})
        await append_first(
            tx, [FactChange(type="Org", id=org_id, facts=first, valid_from=tx.now, audit_id=tx.audit_id)]
        )
        told = {"name": name, **{column: value for column, value in first.items() if value is not None}}
        await tx.record(target=Target(type="Org", id=org_id, name=name), before=None, after=shown(tx, told))
    return _answer("OrgCreated", org_id, tx.audit_id)


async def update_org(tx: Transaction, wanted: UpdateOrg) -> Answer:
    """Change the name, or what the customer declares of itself (B7)."""
    problems = Problems()
    asked = given(name=wanted.name, handles_phi=wanted.handles_phi, healthcare=wanted.healthcare)
    if wanted.name is not ABSENT:
        asked["name"] = problems.required_text(("name",), wanted.name, longest=NAME_LENGTH_MAX)
    problems.not_future(("effectiveFrom",), wanted.effective_from, tx.now)
    problems.refuse()
    row = await locked_org(tx)
    check_version(row, wanted.expected_version)
    return await _change(tx, row, Edit(id=tx.org_id, columns=asked, effective_from=wanted.effective_from))


async def set_entitlements(tx: Transaction, wanted: SetEntitlements) -> Answer:
    """Record what was sold (P1, P2, P6)."""
    row = await locked_org(tx)
    problems = Problems()
    asked: dict[str, Any] = given(customer_type=wanted.customer_type)
    if wanted.customer_type is not ABSENT:
        problems.not_null(("customerType",), wanted.customer_type)
    asked |= entitlements.columns(
        problems, calling_plan=wanted.calling_plan, texting_add_on=wanted.texting_add_on, stored=dict(row)
    )
    problems.not_future(("effectiveFrom",), wanted.effective_from, tx.now)
    problems.refuse()
    check_version(row, wanted.expected_version)
    return await _change(tx, row, Edit(id=tx.org_id, columns=asked, effective_from=wanted.effective_from))


async def locked_org(tx: Transaction) -> OrgRow:
    """Lock the organization's row: its signature covers its brand and campaigns, so their changes take turns here."""
    rows = await lock(tx.connection, Orgs, tx.org_id, [tx.org_id], OrgRow)
    if tx.org_id not in rows:
        raise not_found("orgId", tx.org_id)
    return rows[tx.org_id]


async def _change(tx: Transaction, row: OrgRow, edit: Edit) -> Answer:
    (edited,) = await write(tx, Orgs, [edit], {tx.org_id: row})
    if edited.changed:
        await sign_org(tx, edited.audit_id)
    await tx.record(
        audit_id=edited.audit_id,
        target=Target(type="Org", id=tx.org_id, name=row.name, version=row.version),
        before=edited.before(tx),
        after=edited.after(tx),
    )
    return _answer("OrgUpdated", tx.org_id, edited.audit_id)


def _first_signature(tx: Transaction, facts: Mapping[str, Any]) -> str:
    countries = facts["calling_plan_countries"]
    known = {**facts, "calling_plan_countries": None if countries is None else tuple(countries)}
    return org_signature(OrgFacts(**known), (), tx.policy)


def _answer(type: str, org_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type=type, refs={"org_ref": str(org_id), "record_ref": str(audit_id)})
