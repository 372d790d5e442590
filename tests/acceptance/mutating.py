"""Every mutation, with an input that can be carried out in an organization that is ready to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from graphql import GraphQLField, get_named_type, parse, print_ast
from graphql.language import OperationDefinitionNode

from audit.log import AuditLog
from core.commands.numbers import add_numbers
from core.commands.transaction import Store
from core.ids import encode
from core.principal import Grant, Principal, Role
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import NumberSource
from schema.access import ALLOWED
from schema.api import build_schema
from tests.conftest import MASTER_KEY
from tests.integration.audit.sealed import seal_all
from tests.integration.worlds import PROVIDER, World, new_email, new_number, new_world
from tests.unit.schema.operations import operation

Input = dict[str, Any]

PEER = "+16502530000"
"""Somebody outside."""

_serial = count(1)
_CORE = build_schema()._schema


@dataclass(frozen=True, kw_only=True)
class Stage:
    """An organization ready to text, one person for each role in it, and the global ids that inputs name.

    `user` and `other` may text, with the numbers `number` and `number of other`; nobody holds `spare`.
    """

    world: World
    ids: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    @property
    def org_id(self) -> UUID:
        return self.world.org_id

    def person(self, role: Role) -> Principal:
        """Who has one role and nothing else: of the first location, the first user."""
        if role is Role.PROVIDER_ADMIN:
            return PROVIDER
        if role is Role.USER:
            return self.world.people[0].principal
        if role is Role.LOCATION_ADMIN:
            return self.world.location_admin(self.world.location_id)
        grant = Grant(role=role, org_id=self.org_id)
        return Principal(subject=f"{role}-{self.org_id}", name=role.title(), org_id=self.org_id, grants=(grant,))

    @property
    def people(self) -> Mapping[Role, Principal]:
        """One person for each role."""
        return {role: self.person(role) for role in Role}

    def caller(self, mutation: str) -> Principal:
        """Somebody who may call a mutation."""
        return self.person(allowed(mutation)[0])


def store_of(pool: asyncpg.Pool) -> Store:
    """What commands need, for a stage that several tests share."""
    return Store(pool=pool, audit=AuditLog(MASTER_KEY), policy=DEFAULT_POLICY)


async def new_stage(store: Store, workers: asyncpg.Pool | None = None) -> Stage:
    """Make one, through the commands that change things; with `workers` its log is sealed."""
    world = await new_world(store, people=2, locations=2)
    if workers is not None:
        await seal_all(workers, world.org_id, uuid4())
    added = await world.answer(PROVIDER, lambda tx: add_numbers(tx, [new_number()], NumberSource.CISCO_CALLING_PLAN))
    (spare,) = added.refs["number_refs"] or ()
    user, other = world.people
    named = {
        "org": ("Org", world.org_id),
        "location": ("Location", world.location_ids[0]),
        "other location": ("Location", world.location_ids[1]),
        "user": ("User", user.user_id),
        "other": ("User", other.user_id),
        "number": ("UserPhoneNumber", user.number_id),
        "number of other": ("UserPhoneNumber", other.number_id),
        "spare": ("UserPhoneNumber", UUID(spare)),
        "brand": ("Brand", world.brand_id),
        "campaign": ("Campaign", world.campaign_id),
    }
    return Stage(world=world, ids={name: encode(type, world.org_id, id) for name, (type, id) in named.items()})


ADDRESS = {"country": "US", "region": "NY", "city": "New York", "line1": "1 Main St", "postalCode": "10001"}

INPUTS: Mapping[str, Callable[[Stage], Input]] = {
    "setOrgTexting": lambda on: {"orgId": on["org"], "enabled": False, "reason": "pilot over"},
    "setLocationTexting": lambda on: {"locationId": on["location"], "mode": "OFF"},
    "setUserTexting": lambda on: {"userId": on["user"], "mode": "OFF", "reason": "on leave"},
    "setUsersTexting": lambda on: {"userIds": [on["other"], on["user"]], "mode": "ON"},
    "sendMessage": lambda on: {"userId": on["user"], "to": PEER, "body": "Hello", "idempotencyKey": new_key()},
    "createOrg": lambda on: {
        "name": "New org",
        "customerType": "ENTERPRISE",
        "callingPlan": {"provider": "Cisco", "countries": ["US"]},
        "textingAddOn": {"totalUnits": 10},
        "healthcare": False,
    },
    "createLocation": lambda on: {
        "orgId": on["org"],
        "name": "Boston",
        "address": ADDRESS,
        "timeZone": "America/New_York",
        "pstnConnectionType": "CISCO_PSTN",
    },
    "createUser": lambda on: {"locationId": on["location"], "displayName": "Ada", "email": new_email()},
    "updateOrg": lambda on: {"orgId": on["org"], "name": "Renamed", "handlesPhi": None},
    "setOrgEntitlements": lambda on: {
        "orgId": on["org"],
        "textingAddOn": {"totalUnits": 2_000},
        "reason": "contract 17",
    },
    "updateLocation": lambda on: {"locationId": on["location"], "name": "Renamed", "address": ADDRESS},
    "updateUser": lambda on: {"userId": on["user"], "displayName": "Renamed"},
    "reportAppVersion": lambda on: {"userId": on["user"], "appVersion": "44.3.0"},
    "deactivateUser": lambda on: {"userId": on["other"], "reason": "left"},
    "addPhoneNumbers": lambda on: {
        "orgId": on["org"],
        "assignedBy": "CISCO_CALLING_PLAN",
        "phoneNumbers": [new_number(), new_number()],
    },
    "assignPhoneNumber": lambda on: {"phoneNumberId": on["spare"], "userId": on["other"], "type": "ALTERNATE"},
    "updatePhoneNumber": lambda on: {"phoneNumberId": on["spare"], "state": "INACTIVE"},
    "assignCampaignNumber": lambda on: {"phoneNumberId": on["spare"], "campaignId": on["campaign"]},
    "registerBrand": lambda on: {"orgId": on["org"], "legalName": "Example LLC", "website": "https://example.com"},
    "submitCampaign": lambda on: {
        "orgId": on["org"],
        "useCase": "CUSTOMER_CARE",
        "description": "Answers",
        "sampleMessages": ["Your order is ready."],
    },
    "recordBrandStatus": lambda on: {"brandId": on["brand"], "identity": "VETTED_VERIFIED", "evidence": {"ref": 7}},
    "recordCampaignStatus": lambda on: {"campaignId": on["campaign"], "carrier": "att", "carrierStatus": "APPROVED"},
    "recordNumberAssignment": lambda on: {
        "phoneNumberId": on["number"],
        "campaignId": on["campaign"],
        "status": "PENDING_UNASSIGNMENT",
    },
    "recordConsent": lambda on: {
        "orgId": on["org"],
        "subject": PEER,
        "scope": "CAMPAIGN",
        "campaignId": on["campaign"],
        "action": "OPT_OUT",
        "basis": "VOICE",
        "evidence": "call 17",
    },
    "erasePersonalData": lambda on: {
        "orgId": on["org"],
        "number": PEER,
        "legalBasis": "GDPR Art. 17",
        "reason": "request 17",
    },
    "createExport": lambda on: {
        "orgId": on["org"],
        "kind": "ELIGIBILITY_REPORT",
        "format": "CSV",
        "reason": "request 17",
    },
}
"""By GraphQL name."""


def new_key() -> str:
    """An idempotency key that nobody in this session has used."""
    return f"key-{next(_serial)}"


def mutations() -> Mapping[str, GraphQLField]:
    """The mutations of the schema."""
    assert _CORE.mutation_type is not None
    return _CORE.mutation_type.fields


def allowed(mutation: str) -> tuple[Role, ...]:
    """The roles that may call it."""
    declared = mutations()[mutation].extensions["strawberry-definition"].metadata[ALLOWED]
    return tuple(role for role in Role if role in declared)


def input_fields(mutation: str) -> Mapping[str, Any]:
    """The fields of its input."""
    return get_named_type(mutations()[mutation].args["input"].type).fields  # type: ignore[union-attr,return-value]


def document(mutation: str, selection: str = "") -> str:
    """An operation of one mutation, that selects what its refusals say and `selection`."""
    type_name = mutations()[mutation].args["input"].type
    return f"mutation M($input: {type_name}) {{ {mutation}(input: $input) {_selection(mutation, selection)} }}"


def together(calls: Sequence[tuple[str, Input]]) -> tuple[str, dict[str, Input]]:
    """One operation of several mutations, answered as `<mutation>_<place>`, and its variables."""
    head = ", ".join(f"$v{at}: {mutations()[name].args['input'].type}" for at, (name, _) in enumerate(calls))
    body = [f"{name}_{at}: {name}(input: $v{at}) {_selection(name)}" for at, (name, _) in enumerate(calls)]
    return f"mutation M({head}) {{ {' '.join(body)} }}", {f"v{at}": input for at, (_, input) in enumerate(calls)}


def _selection(mutation: str, selection: str = "") -> str:
    members = {member.name for member in get_named_type(mutations()[mutation].type).types}  # type: ignore[union-attr]
    refused = "... on Refusal { code message trackingId }"
    refused += "".join(f" ... on {name} {{ {fields} }}" for name, fields in _REFUSALS.items() if name in members)
    return f"{{ __typename {refused} {selection} }}"


_REFUSALS = {
    "NotFound": "argument",
    "NotAllowed": "requiredRoles",
    "InvalidInput": "problems { path code message }",
    "VersionConflict": "currentVersion",
    "WrongState": "state",
}
"""What the refusals of most mutations say beside that."""


@cache
def everything(mutation: str) -> str:
    """An operation of one mutation that selects all it can answer."""
    return operation(_CORE, "mutation", mutation)


def variables(text: str, input: Input) -> dict[str, Any]:
    """Values for the variables of such an operation: the input, and arguments of fields below it."""
    (definition,) = parse(text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    found = {}
    for variable in definition.variable_definitions or ():
        type_name = print_ast(variable.type)
        found[variable.variable.name.value] = input if type_name.endswith("Input!") else _ARGUMENTS[type_name]
    return found


_ARGUMENTS = {"SettingKey!": "BUSINESS_TEXTING"}


async def records(admin: asyncpg.Connection, org_id: UUID) -> list[dict[str, Any]]:
    """The audit records of an organization, oldest first."""
    return [dict(row) for row in await admin.fetch(_RECORDS, org_id)]


_RECORDS = """
SELECT id, action, kind, outcome, actor, target_type, target_id, request_id FROM audit.record
WHERE org_id = $1 ORDER BY id
"""


async def contents(admin: asyncpg.Connection, *org_ids: UUID, audit: bool = False) -> dict[str, str]:
    """A digest of all rows that organizations have, by table; with `audit` of the log's tables too."""
    schemas = ["texting", "audit"] if audit else ["texting"]
    found = {}
    for table in await admin.fetch(_TABLES, schemas):
        sql = f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table['name']} t"
        found[table["name"]] = await admin.fetchval(f"{sql} WHERE org_id = ANY ($1)", list(org_ids))
    return found


_TABLES = """
SELECT table_schema || '.' || table_name AS name FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE column_name = 'org_id' AND table_type = 'BASE TABLE' AND table_schema = ANY ($1) ORDER BY 1
"""
