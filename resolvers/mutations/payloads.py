"""What a mutation answers when it was done: ids as the command gave them, the objects read after the commit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Unpack
from uuid import UUID

from core.commands.transaction import Answer
from core.storage.pages import Order, Page, PageRequest, take
from engine import Info, Registry
from resolvers.lists import PageArguments, Paging
from resolvers.references import load, resolve_held
from schema.consent_changes import ConsentRecorded
from schema.erasures import PersonalDataErased
from schema.exports import ExportStarted
from schema.location_changes import LocationCreated, LocationUpdated
from schema.message_changes import MessageAccepted
from schema.number_changes import PhoneNumbersAdded, PhoneNumberUpdated
from schema.org_changes import OrgCreated, OrgUpdated
from schema.registrations import BrandRegistered, CampaignSubmitted
from schema.toggles import SettingImpact, TextingSet, UsersTextingSet
from schema.user_changes import UserCreated, UserUpdated

registry = Registry()

PAYLOADS: Mapping[str, type] = {
    payload.__name__: payload
    for payload in (
        TextingSet,
        UsersTextingSet,
        MessageAccepted,
        OrgCreated,
        OrgUpdated,
        LocationCreated,
        LocationUpdated,
        UserCreated,
        UserUpdated,
        PhoneNumbersAdded,
        PhoneNumberUpdated,
        BrandRegistered,
        CampaignSubmitted,
        ConsentRecorded,
        PersonalDataErased,
        ExportStarted,
    )
}
"""The types that a command's `Answer` may name."""


def payload_of(answer: Answer) -> Any:
    """Give what the API answers. Raises `KeyError` for a type that is none of them, `TypeError` for a missing id."""
    values = dict(answer.values)
    if "impact" in values:
        values["impact"] = SettingImpact(**values["impact"])
    return PAYLOADS[answer.type](**{name: _ids(said) for name, said in answer.refs.items()}, **values)


def _ids(said: str | Sequence[str] | None) -> UUID | tuple[UUID, ...] | None:
    if said is None:
        return None
    return UUID(said) if isinstance(said, str) else tuple(UUID(each) for each in said)


_HELD: Mapping[str, tuple[str, str]] = {
    "OrgChange.org": ("Org", "org_ref"),
    "LocationChange.location": ("Location", "location_ref"),
    "UserChange.user": ("User", "user_ref"),
    "PhoneNumberUpdated.phone_number": ("UserPhoneNumber", "number_ref"),
    "BrandRegistered.brand": ("Brand", "brand_ref"),
    "CampaignSubmitted.campaign": ("Campaign", "campaign_ref"),
    "ConsentRecorded.event": ("ConsentEvent", "event_ref"),
    "MessageAccepted.accepted_message": ("Message", "message_ref"),
    "TextingSet.org": ("Org", "org_ref"),
    "TextingSet.location": ("Location", "location_ref"),
    "TextingSet.user": ("User", "user_ref"),
    "UserRefusal.user": ("User", "user_ref"),
    "ExportStarted.export_job": ("Export", "export_ref"),
    "Recorded.audit_record": ("AuditRecord", "record_ref"),
    "TextingSet.audit_record": ("AuditRecord", "record_ref"),
}
"""Fields that are one object: its type, and the attribute that holds its id."""


def _bind_held(field: str, type_name: str, attribute: str) -> None:
    @registry.bind(field)
    async def held(parents: Sequence[Any], info: Info) -> list[Any]:
        return await resolve_held(info, type_name, [getattr(each, attribute) for each in parents])


for _field, (_type_name, _attribute) in _HELD.items():
    _bind_held(_field, _type_name, _attribute)


@registry.bind("UsersTextingSet.users")
async def users(parents: Sequence[UsersTextingSet], info: Info) -> list[list[Any]]:
    """Read the users that were switched, in one statement."""
    return await _lists(info, "User", [each.user_refs for each in parents])


@registry.bind("PhoneNumbersAdded.phone_numbers")
async def phone_numbers(parents: Sequence[PhoneNumbersAdded], info: Info) -> list[list[Any]]:
    """Read the numbers that were added, in one statement."""
    return await _lists(info, "UserPhoneNumber", [each.number_refs for each in parents])


@registry.bind("UsersTextingSet.audit_records")
async def audit_records(
    parents: Sequence[UsersTextingSet], info: Info, **asked: Unpack[PageArguments]
) -> list[Page[Any]]:
    """Give a page of the records, in the order of the users."""
    request = Paging(**asked).of(_IN_ORDER)
    pages = [_page(request, each.record_refs) for each in parents]
    found = await load(info.context, "AuditRecord", [id for page in pages for id in page.nodes])
    return [replace(page, nodes=[found[id] for id in page.nodes]) for page in pages]


_IN_ORDER = Order(name="switched.id", keys=("id",))
"""Records of one change: their ids sort as the users were named."""


def _page(request: PageRequest, ids: Sequence[UUID]) -> Page[UUID]:
    def is_inside(id: UUID) -> bool:
        return (request.after is None or (id,) > request.after) and (request.before is None or (id,) < request.before)

    inside = [id for id in ids if is_inside(id)]
    return take(request, inside[::-1] if request.backward else inside, len(ids))


async def _lists(info: Info, type_name: str, lists: Sequence[Sequence[UUID]]) -> list[list[Any]]:
    found = iter(await resolve_held(info, type_name, [id for ids in lists for id in ids]))
    return [list(islice(found, len(ids))) for ids in lists]
