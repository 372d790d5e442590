"""Creating and changing organizations, and what was sold to them."""

from audit.actions import Action
from core.commands import orgs
from core.commands.absent import ABSENT, Given
from core.commands.entitlements import CallingPlan, License, SetEntitlements
from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from resolvers.mutations.asked import Asked, or_absent, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.org_changes import CallingPlanInput, CreateOrgInput, LicenseInput, SetOrgEntitlementsInput, UpdateOrgInput

registry = Mutations()


@registry.change("create_org", Action.ORG_CREATE)
def create_org(asked: Asked, input: CreateOrgInput) -> Change:
    """Create an organization, inside the provider's own; whoever is no provider is refused inside theirs."""
    wanted = orgs.CreateOrg(
        name=input.name,
        customer_type=input.customer_type,
        calling_plan=_plan(or_absent(input.calling_plan)),
        texting_add_on=_license(or_absent(input.texting_add_on)),
        handles_phi=or_none(input.handles_phi),
        healthcare=or_none(input.healthcare),
        texting_enabled=bool(input.texting_enabled),
    )
    is_provider = Role.PROVIDER_ADMIN in asked.context.principal.roles_in(SYSTEM_ORG_ID)
    return Change(
        action=Action.ORG_CREATE,
        command=lambda tx: orgs.create_org(tx, wanted),
        within=SYSTEM_ORG_ID if is_provider else None,
    )


@registry.change("update_org", Action.ORG_UPDATE)
def update_org(asked: Asked, input: UpdateOrgInput) -> Change:
    """Change an organization's name, or what it declares of itself (B7)."""
    wanted = orgs.UpdateOrg(
        name=or_absent(input.name),
        handles_phi=or_absent(input.handles_phi),
        healthcare=or_absent(input.healthcare),
        expected_version=or_none(input.expected_version),
        effective_from=or_none(input.effective_from),
    )
    return Change(action=Action.ORG_UPDATE, command=lambda tx: orgs.update_org(tx, wanted))


@registry.change("set_org_entitlements", Action.ORG_ENTITLEMENTS_UPDATE)
def set_org_entitlements(asked: Asked, input: SetOrgEntitlementsInput) -> Change:
    """Record what was sold to an organization (P1, P2, P6)."""
    wanted = SetEntitlements(
        customer_type=or_absent(input.customer_type),
        calling_plan=_plan(or_absent(input.calling_plan)),
        texting_add_on=_license(or_absent(input.texting_add_on)),
        expected_version=or_none(input.expected_version),
        effective_from=or_none(input.effective_from),
    )
    return Change(action=Action.ORG_ENTITLEMENTS_UPDATE, command=lambda tx: orgs.set_entitlements(tx, wanted))


def _plan(said: Given[CallingPlanInput | None]) -> Given[CallingPlan | None]:
    if said is None or said is ABSENT:
        return said
    return CallingPlan(provider=said.provider, countries=tuple(said.countries))


def _license(said: Given[LicenseInput | None]) -> Given[License | None]:
    if said is None or said is ABSENT:
        return said
    return License(total_units=said.total_units, suspended=or_absent(said.suspended))
