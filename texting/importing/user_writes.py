"""A planned users file, carried out: every change through its command, in as many statements as it has batches."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.commands.absent import ABSENT
from core.commands.number_assignment import CampaignChoice, NumberAssignment, assign_campaigns, assign_numbers
from core.commands.numbers import NumberChange, UnheldNumber, add_each, update_numbers
from core.commands.transaction import Transaction
from core.commands.user_status import deactivate_users
from core.commands.users import NewNumber, NewUser, UserChange, create_users, update_users
from core.rules.enums import NumberSource, PhoneNumberType
from core.rules.numbers import PhoneNumber
from texting.importing.progress import Progress, Steps
from texting.importing.user_plan import Creation, NumberMove, StayingNumber, Update, UserPlan


async def write_users(tx: Transaction, plan: UserPlan, progress: Progress) -> None:
    """Carry out a plan inside the open transaction."""
    kinds = (plan.departures, plan.creations, plan.updates, plan.moves, plan.changes)
    steps = Steps(sum(len(kind) for kind in kinds), progress)
    for departures in steps.batches(plan.departures):
        await deactivate_users(tx, [user.id for user in departures])
    entering = {move.row.line: move for move in plan.moves if move.user_id is None and move.number_id is None}
    created: dict[int, UUID] = {}
    for creations in steps.batches(plan.creations):
        made = await create_users(tx, [_new_user(each, entering.get(each.row.line)) for each in creations])
        created |= {each.row.line: user.id for each, user in zip(creations, made, strict=True)}
    steps.add(len(entering))
    for updates in steps.batches(plan.updates):
        await update_users(tx, [_change(update) for update in updates])
    moves = [move for move in plan.moves if move.row.line not in entering]
    await _write_numbers(tx, plan, moves, created)
    steps.add(len(moves) + len(plan.changes))


async def _write_numbers(
    tx: Transaction, plan: UserPlan, moves: Sequence[NumberMove], created: Mapping[int, UUID]
) -> None:
    """Let numbers enter, change and go from user to user: all at once, because users may swap theirs."""
    new = [move for move in moves if move.number_id is None]
    made = await add_each(tx, [UnheldNumber(number=_number(move), assigned_by=_source(move)) for move in new])
    ids = {move.row.line: added.id for move, added in zip(new, made, strict=True)}
    ids |= {move.row.line: move.number_id for move in moves if move.number_id is not None}
    ids |= {change.row.line: change.number_id for change in plan.changes}
    told: list[NumberMove | StayingNumber] = [*moves, *plan.changes]
    sources = [
        NumberChange(id=each.number_id, assigned_by=each.source)
        for each in told
        if each.number_id is not None and each.source is not None
    ]
    campaigns = [
        CampaignChoice(number_id=ids[each.row.line], campaign_id=each.campaign_id)
        for each in told
        if each.campaign_id is not None
    ]
    await update_numbers(tx, sources)
    await assign_numbers(tx, _assignments(moves, ids, created))
    await assign_campaigns(tx, campaigns)


def _assignments(
    moves: Sequence[NumberMove], ids: Mapping[int, UUID], created: Mapping[int, UUID]
) -> list[NumberAssignment]:
    given = {ids[move.row.line]: created[move.row.line] if move.user_id is None else move.user_id for move in moves}
    released = {move.releases for move in moves if move.releases is not None} - given.keys()
    return [
        *(NumberAssignment(id=id, user_id=None) for id in sorted(released)),
        *(NumberAssignment(id=id, user_id=user_id, type=PhoneNumberType.PRIMARY) for id, user_id in given.items()),
    ]


def _new_user(creation: Creation, move: NumberMove | None) -> NewUser:
    row = creation.row
    return NewUser(
        location_id=creation.location_id,
        display_name=row.display_name,
        email=row.email,
        phone_numbers=() if move is None else (_new_number(move),),
        app_version=row.app_version,
    )


def _new_number(move: NumberMove) -> NewNumber:
    return NewNumber(
        phone_number=_number(move).e164,
        type=PhoneNumberType.PRIMARY,
        assigned_by=_source(move),
        campaign_id=move.campaign_id,
    )


def _change(update: Update) -> UserChange:
    return UserChange(
        id=update.user.id,
        location_id=ABSENT if update.location_id is None else update.location_id,
        display_name=ABSENT if update.display_name is None else update.display_name,
        app_version=ABSENT if update.app_version is None else update.app_version,
    )


def _number(move: NumberMove) -> PhoneNumber:
    if move.row.phone is None:
        raise ValueError(f"line {move.row.line} moves a number without naming one")
    return move.row.phone


def _source(move: NumberMove) -> NumberSource:
    """Give who assigned a new number; a file that does not say leaves it unknown."""
    return move.source or NumberSource.UNKNOWN
