"""Adding numbers, changing them, and who and which campaign they are of."""

from audit.actions import Action
from core.commands import number_assignment, numbers
from core.commands.number_assignment import AssignmentStatusChange, NumberAssignment
from core.commands.numbers import NumberChange
from resolvers.mutations.asked import Asked, or_absent, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.number_changes import (
    AddPhoneNumbersInput,
    AssignCampaignNumberInput,
    AssignPhoneNumberInput,
    RecordNumberAssignmentInput,
    UpdatePhoneNumberInput,
)

registry = Mutations()


@registry.change("add_phone_numbers", Action.NUMBER_ADD)
def add_phone_numbers(asked: Asked, input: AddPhoneNumbersInput) -> Change:
    """Add numbers to an organization's inventory (P3)."""
    return Change(
        action=Action.NUMBER_ADD,
        command=lambda tx: numbers.add_numbers(tx, input.phone_numbers, input.assigned_by),
    )


@registry.change("update_phone_number", Action.NUMBER_UPDATE)
def update_phone_number(asked: Asked, input: UpdatePhoneNumberInput) -> Change:
    """Record that a number's state or source changed (P3)."""
    wanted = NumberChange(
        id=asked.id("phone_number_id"),
        state=or_absent(input.state),
        assigned_by=or_absent(input.assigned_by),
        effective_from=or_none(input.effective_from),
    )
    return Change(action=Action.NUMBER_UPDATE, command=lambda tx: numbers.update_number(tx, wanted))


@registry.change("assign_phone_number", Action.NUMBER_ASSIGN, Action.NUMBER_UNASSIGN)
def assign_phone_number(asked: Asked, input: AssignPhoneNumberInput) -> Change:
    """Give a number to a user, or take it back."""
    wanted = NumberAssignment(
        id=asked.id("phone_number_id"),
        user_id=asked.given_id("user_id"),
        type=or_absent(input.type),
        effective_from=or_none(input.effective_from),
    )
    return Change(
        action=Action.NUMBER_UNASSIGN if input.user_id is None else Action.NUMBER_ASSIGN,
        command=lambda tx: number_assignment.assign_number(tx, wanted),
    )


@registry.change("assign_campaign_number", Action.NUMBER_CAMPAIGN_ASSIGN, Action.NUMBER_CAMPAIGN_UNASSIGN)
def assign_campaign_number(asked: Asked, input: AssignCampaignNumberInput) -> Change:
    """Ask for a number to be assigned to a campaign, or for the end of that (P6)."""
    number_id, campaign_id = asked.id("phone_number_id"), asked.given_id("campaign_id")
    return Change(
        action=Action.NUMBER_CAMPAIGN_UNASSIGN if input.campaign_id is None else Action.NUMBER_CAMPAIGN_ASSIGN,
        command=lambda tx: number_assignment.assign_campaign(tx, number_id, campaign_id),
    )


@registry.change("record_number_assignment", Action.NUMBER_CAMPAIGN_RECORD)
def record_number_assignment(asked: Asked, input: RecordNumberAssignmentInput) -> Change:
    """Record what the registry answered about a number and a campaign (P6)."""
    wanted = AssignmentStatusChange(
        number_id=asked.id("phone_number_id"),
        campaign_id=asked.id("campaign_id"),
        status=input.status,
        evidence=or_absent(input.evidence),
        effective_from=or_none(input.effective_from),
    )
    return Change(
        action=Action.NUMBER_CAMPAIGN_RECORD, command=lambda tx: number_assignment.record_assignment(tx, wanted)
    )
