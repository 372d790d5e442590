"""Users: creating them, with their numbers where a provider hands these in, and changing them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from audit.actions import Action
from audit.record import Erasable, Target
from core.commands import emails, inventory, user_fields
from core.commands.absent import ABSENT, Given
from core.commands.campaign_room import Joining, refuse_without_room
from core.commands.differences import check_version
from core.commands.edits import Edit, Made, locked, write
from core.commands.emails import WantedEmail
from core.commands.inventory import Entering
from core.commands.problems import Path, Problems, place
from core.commands.reach import check_reach, require
from core.commands.refusals import not_found
from core.commands.signing import sign_users
from core.commands.toggle_verdicts import judge_for, load_org, locked_by, unavailable
from core.commands.transaction import Answer, Transaction
from core.commands.user_rows import Draft, add_users
from core.principal import Role
from core.rules.enums import NumberSource, PhoneNumberType, TextingMode
from core.rules.numbers import parse_dialled
from core.storage import facts
from core.storage.rows import UserRow
from core.storage.states import LocationState
from core.storage.tables import Users


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumber:
    """A number that enters with its holder: E.164, or as dialled in the location's country."""

    phone_number: str
    type: PhoneNumberType
    assigned_by: NumberSource
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A new user. `phone_numbers`: new to the inventory; only providers hand them in."""

    location_id: UUID
    display_name: str
    email: str
    phone_numbers: tuple[NewNumber, ...] = ()
    app_version: str | None = None
    texting: TextingMode = TextingMode.INHERIT


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """Changes of a user. `app_version`: as a file reports it. `effective_from`: since when, UTC; `None` = from now."""

    id: UUID
    location_id: Given[UUID | None] = ABSENT
    display_name: Given[str | None] = ABSENT
    email: Given[str | None] = ABSENT
    app_version: Given[str | None] = ABSENT
    expected_version: int | None = None
    effective_from: datetime | None = None


async def create_user(tx: Transaction, wanted: NewUser) -> Answer:
    """Create one user."""
    (made,) = await create_users(tx, [wanted])
    return _answer("UserCreated", made.id, made.audit_id)


async def update_user(tx: Transaction, wanted: UserChange) -> Answer:
    """Change one user."""
    (audit_id,) = await update_users(tx, [wanted])
    return _answer("UserUpdated", wanted.id, audit_id)


async def create_users(tx: Transaction, wanted: Sequence[NewUser]) -> list[Made]:
    """Create users with their numbers, each user with one record, in order.

    Texting ON is refused while it is not available in the user's location (U1).
    """
    if any(each.phone_numbers for each in wanted):
        require(tx, Role.PROVIDER_ADMIN, "`phoneNumbers`")
    locations = await _locations(tx, {each.location_id for each in wanted})
    check_reach(tx, location_ids=locations)
    problems = Problems()
    places = [place(at, len(wanted)) for at in range(len(wanted))]
    drafts = _drafts(tx, problems, places, wanted, locations)
    problems.refuse()
    numbers = [entering for draft in drafts for entering in draft.numbers]
    named = [WantedEmail(path=(*at, "email"), email=each.email) for at, each in zip(places, wanted, strict=True)]
    await emails.refuse_taken(tx, problems, named)
    await inventory.claim(tx, problems, numbers)
    joining = [
        Joining(path=(*entering.path[:-1], "campaignId"), campaign_id=entering.campaign_id)
        for entering in numbers
        if entering.campaign_id is not None
    ]
    await refuse_without_room(tx, problems, joining)
    await _refuse_unavailable(tx, problems, places, wanted, locations)
    problems.refuse()
    await add_users(tx, drafts)
    return [Made(id=draft.id, audit_id=draft.audit_id) for draft in drafts]


async def update_users(tx: Transaction, wanted: Sequence[UserChange]) -> list[UUID]:
    """Change users; give the ids of their records, in order. Nothing different is recorded as nothing."""
    problems = Problems()
    places = [place(at, len(wanted)) for at in range(len(wanted))]
    edits = [_edit(tx, problems, at, each) for at, each in zip(places, wanted, strict=True)]
    problems.refuse()
    # Whoever does not reach a user learns nothing of it, not even its version.
    rows = await locked(tx, Users, [replace(edit, expected_version=None) for edit in edits], UserRow, argument="userId")
    moves = {edit.columns["location_id"] for edit in edits if "location_id" in edit.columns}
    await _locations(tx, moves)
    check_reach(tx, location_ids=moves | {row.location_id for row in rows.values()})
    for edit in edits:
        check_version(rows[edit.id], edit.expected_version)
    paths = {edit.id: (*at, "userId") for at, edit in zip(places, edits, strict=True)}
    user_fields.refuse_departed(problems, [(paths[id], row) for id, row in rows.items()])
    named = [
        WantedEmail(path=(*at, "email"), email=edit.columns["email"], user_id=edit.id)
        for at, edit in zip(places, edits, strict=True)
        if "email" in edit.columns
    ]
    await emails.refuse_taken(tx, problems, named)
    problems.refuse()
    edited = await write(tx, Users, edits, rows)
    await sign_users(tx, [each.edit.id for each in edited if "app_version" in each.changed])
    await tx.append(
        [
            tx.describe(
                action=Action.USER_UPDATE,
                audit_id=each.audit_id,
                target=Target(
                    type="User",
                    id=each.edit.id,
                    name=Erasable(each.row.display_name, each.edit.id),
                    version=each.row.version,
                ),
                before=each.before(tx, each.edit.id),
                after=each.after(tx, each.edit.id),
                location_id=each.changed.get("location_id", each.row.location_id),
            )
            for each in edited
        ]
    )
    return [each.audit_id for each in edited]


def _drafts(
    tx: Transaction,
    problems: Problems,
    places: Sequence[Path],
    wanted: Sequence[NewUser],
    locations: Mapping[UUID, LocationState],
) -> list[Draft]:
    number_ids = iter(tx.new_ids(sum(len(each.phone_numbers) for each in wanted)))
    drafts = []
    for at, each, id, audit_id in zip(places, wanted, tx.new_ids(len(wanted)), tx.new_ids(len(wanted)), strict=True):
        country = locations[each.location_id].facts.country or ""
        numbers = []
        for index, new in enumerate(each.phone_numbers):
            path = (*at, "phoneNumbers", str(index), "phoneNumber")
            number = inventory.noted(problems, path, parse_dialled(new.phone_number, country))
            if number is not None:
                entering = Entering(
                    path=path,
                    id=next(number_ids),
                    number=number,
                    assigned_by=new.assigned_by,
                    audit_id=audit_id,
                    type=new.type,
                    owner_id=id,
                    campaign_id=new.campaign_id,
                )
                numbers.append(entering)
        if sum(new.type == PhoneNumberType.PRIMARY for new in each.phone_numbers) > 1:
            message = f"`{PhoneNumberType.PRIMARY}` is given to several numbers of one user: give it to one"
            problems.add((*at, "phoneNumbers"), "SECOND_PRIMARY", message)
        columns = {
            "location_id": each.location_id,
            **user_fields.name(problems, (*at, "displayName"), each.display_name),
            **user_fields.email(problems, (*at, "email"), each.email),
            **user_fields.app_version(problems, (*at, "appVersion"), each.app_version, tx.now),
            "texting": each.texting,
        }
        drafts.append(Draft(id=id, audit_id=audit_id, columns=columns, numbers=numbers))
    return drafts


async def _refuse_unavailable(
    tx: Transaction,
    problems: Problems,
    places: Sequence[Path],
    wanted: Sequence[NewUser],
    locations: Mapping[UUID, LocationState],
) -> None:
    """Note users who shall be switched on where texting is not available (U1), or where that is locked."""
    if all(each.texting != TextingMode.ON for each in wanted):
        return
    org = await load_org(tx)
    for at, each in zip(places, wanted, strict=True):
        verdict = judge_for(tx, org, locations[each.location_id], each.texting)
        if verdict.locked_by is not None:
            problems.add((*at, "texting"), "SETTING_LOCKED", locked_by(verdict.locked_by))
        elif verdict.blockers:
            problems.add((*at, "texting"), "NOT_ELIGIBLE", unavailable(verdict.blockers))


async def _locations(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, LocationState]:
    """Read locations that users shall be in."""
    found = await facts.load_locations(tx.fetch, tx.org_id, list(ids)) if ids else {}
    for id in ids:
        if id not in found:
            raise not_found("locationId", tx.global_id("Location", id))
    return found


def _edit(tx: Transaction, problems: Problems, at: Path, wanted: UserChange) -> Edit:
    columns = {
        **user_fields.name(problems, (*at, "displayName"), wanted.display_name),
        **user_fields.email(problems, (*at, "email"), wanted.email),
        **user_fields.app_version(problems, (*at, "appVersion"), wanted.app_version, tx.now),
    }
    if wanted.location_id is not ABSENT:
        problems.not_null((*at, "locationId"), wanted.location_id)
        columns["location_id"] = wanted.location_id
    problems.not_future((*at, "effectiveFrom"), wanted.effective_from, tx.now)
    return Edit(
        id=wanted.id,
        columns=columns,
        expected_version=wanted.expected_version,
        effective_from=wanted.effective_from,
    )


def _answer(type: str, user_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type=type, refs={"user_ref": str(user_id), "record_ref": str(audit_id)})
