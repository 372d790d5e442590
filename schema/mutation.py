"""Where changing starts: each field is its own transaction, and leaves a record."""

from typing import Annotated

import strawberry

from core.principal import Role
from engine import batched
from schema.access import EVERYONE, WHOLE_ORG, allowed, readable
from schema.consent_changes import RecordConsentInput, RecordConsentResult
from schema.erasures import ErasePersonalDataInput, ErasureResult
from schema.exports import CreateExportInput, ExportResult
from schema.location_changes import (
    CreateLocationInput,
    CreateLocationResult,
    UpdateLocationInput,
    UpdateLocationResult,
)
from schema.message_changes import SendMessageInput, SendMessageResult
from schema.number_changes import (
    AddPhoneNumbersInput,
    AssignCampaignNumberInput,
    AssignPhoneNumberInput,
    PhoneNumberResult,
    PhoneNumbersResult,
    RecordNumberAssignmentInput,
    UpdatePhoneNumberInput,
)
from schema.org_changes import (
    CreateOrgInput,
    CreateOrgResult,
    SetOrgEntitlementsInput,
    UpdateOrgInput,
    UpdateOrgResult,
)
from schema.registrations import (
    RecordBrandStatusInput,
    RecordCampaignStatusInput,
    RegisterBrandInput,
    RegisterBrandResult,
    SubmitCampaignInput,
    SubmitCampaignResult,
)
from schema.toggles import (
    SetLocationTextingInput,
    SetOrgTextingInput,
    SetTextingResult,
    SetUsersTextingInput,
    SetUsersTextingResult,
    SetUserTextingInput,
)
from schema.user_changes import (
    CreateUserInput,
    CreateUserResult,
    DeactivateUserInput,
    ReportAppVersionInput,
    UpdateUserInput,
    UpdateUserResult,
)

WHAT = strawberry.argument(description="What to do.")
PROVIDER_ADMIN, ORG_ADMIN, LOCATION_ADMIN = Role.PROVIDER_ADMIN, Role.ORG_ADMIN, Role.LOCATION_ADMIN


@strawberry.type(
    description="Where changing starts. Each field is its own transaction, committed before its answer is read, and "
    "leaves an audit record, refused or not."
)
@readable(EVERYONE, rows="as each field says")
class Mutation:
    """Where changing starts."""

    @batched(description="Switches texting for an organization (O1, O2).", **allowed(ORG_ADMIN))
    def set_org_texting(self, input: Annotated[SetOrgTextingInput, WHAT]) -> SetTextingResult | None: ...

    @batched(description="Switches texting for a location (our extension).", **allowed(ORG_ADMIN, LOCATION_ADMIN))
    def set_location_texting(self, input: Annotated[SetLocationTextingInput, WHAT]) -> SetTextingResult | None: ...

    @batched(description="Switches texting for a user (O3, O4, U1, U3).", **allowed(ORG_ADMIN, LOCATION_ADMIN))
    def set_user_texting(self, input: Annotated[SetUserTextingInput, WHAT]) -> SetTextingResult | None: ...

    @batched(
        description="Switches texting for at most 1,000 users (O4): for all of them or for none.",
        **allowed(ORG_ADMIN, LOCATION_ADMIN),
    )
    def set_users_texting(self, input: Annotated[SetUsersTextingInput, WHAT]) -> SetUsersTextingResult | None: ...

    @batched(description="Sends a text, if every send rule lets it (L4 to L6).", **allowed(Role.USER, PROVIDER_ADMIN))
    def send_message(self, input: Annotated[SendMessageInput, WHAT]) -> SendMessageResult | None: ...

    @batched(description="Creates an organization. Providers only.", **allowed(PROVIDER_ADMIN))
    def create_org(self, input: Annotated[CreateOrgInput, WHAT]) -> CreateOrgResult | None: ...

    @batched(description="Creates a location.", **allowed(PROVIDER_ADMIN, ORG_ADMIN))
    def create_location(self, input: Annotated[CreateLocationInput, WHAT]) -> CreateLocationResult | None: ...

    @batched(description="Creates a user.", **allowed(PROVIDER_ADMIN, ORG_ADMIN))
    def create_user(self, input: Annotated[CreateUserInput, WHAT]) -> CreateUserResult | None: ...

    @batched(
        description="Changes an organization's name and what it declares of itself (B7).",
        **allowed(PROVIDER_ADMIN, ORG_ADMIN),
    )
    def update_org(self, input: Annotated[UpdateOrgInput, WHAT]) -> UpdateOrgResult | None: ...

    @batched(
        description="Records what was sold to an organization (P1, P2, P6). Providers only: an organization never "
        "asserts its own entitlement.",
        **allowed(PROVIDER_ADMIN),
    )
    def set_org_entitlements(self, input: Annotated[SetOrgEntitlementsInput, WHAT]) -> UpdateOrgResult | None: ...

    @batched(description="Changes a location.", **allowed(PROVIDER_ADMIN, ORG_ADMIN))
    def update_location(self, input: Annotated[UpdateLocationInput, WHAT]) -> UpdateLocationResult | None: ...

    @batched(description="Changes a user.", **allowed(ORG_ADMIN, LOCATION_ADMIN))
    def update_user(self, input: Annotated[UpdateUserInput, WHAT]) -> UpdateUserResult | None: ...

    @batched(
        description="Records the app version that a user's app reports (P4). Does not raise the user's version.",
        **allowed(Role.USER),
    )
    def report_app_version(self, input: Annotated[ReportAppVersionInput, WHAT]) -> UpdateUserResult | None: ...

    @batched(description="Deactivates a user, who stays as a tombstone.", **allowed(ORG_ADMIN))
    def deactivate_user(self, input: Annotated[DeactivateUserInput, WHAT]) -> UpdateUserResult | None: ...

    @batched(
        description="Adds numbers to an organization's inventory, with their source (P3). Providers only.",
        **allowed(PROVIDER_ADMIN),
    )
    def add_phone_numbers(self, input: Annotated[AddPhoneNumbersInput, WHAT]) -> PhoneNumbersResult | None: ...

    @batched(description="Gives a number of the inventory to a user, or takes it back.", **allowed(ORG_ADMIN))
    def assign_phone_number(self, input: Annotated[AssignPhoneNumberInput, WHAT]) -> PhoneNumberResult | None: ...

    @batched(
        description="Records that a number's state or source changed: suspended, ported away (P3). Providers only.",
        **allowed(PROVIDER_ADMIN),
    )
    def update_phone_number(self, input: Annotated[UpdatePhoneNumberInput, WHAT]) -> PhoneNumberResult | None: ...

    @batched(
        description="Asks for a number to be assigned to a campaign, or for the end of that (P6).", **allowed(ORG_ADMIN)
    )
    def assign_campaign_number(self, input: Annotated[AssignCampaignNumberInput, WHAT]) -> PhoneNumberResult | None: ...

    @batched(description="Hands in a brand for registration (P6).", **allowed(ORG_ADMIN))
    def register_brand(self, input: Annotated[RegisterBrandInput, WHAT]) -> RegisterBrandResult | None: ...

    @batched(description="Hands in a campaign for registration (P6).", **allowed(ORG_ADMIN))
    def submit_campaign(self, input: Annotated[SubmitCampaignInput, WHAT]) -> SubmitCampaignResult | None: ...

    @batched(
        description="Records what the registry answered about a brand (P6). Providers only.", **allowed(PROVIDER_ADMIN)
    )
    def record_brand_status(self, input: Annotated[RecordBrandStatusInput, WHAT]) -> RegisterBrandResult | None: ...

    @batched(
        description="Records what the registry or a carrier answered about a campaign (P6). Providers only.",
        **allowed(PROVIDER_ADMIN),
    )
    def record_campaign_status(
        self, input: Annotated[RecordCampaignStatusInput, WHAT]
    ) -> SubmitCampaignResult | None: ...

    @batched(
        description="Records what the registry answered about a number's assignment (P6). Providers only.",
        **allowed(PROVIDER_ADMIN),
    )
    def record_number_assignment(
        self, input: Annotated[RecordNumberAssignmentInput, WHAT]
    ) -> PhoneNumberResult | None: ...

    @batched(
        description="Adds an opt-out or opt-in to the consent ledger, however it was said.",
        **allowed(ORG_ADMIN, Role.COMPLIANCE_OFFICER),
    )
    def record_consent(self, input: Annotated[RecordConsentInput, WHAT]) -> RecordConsentResult | None: ...

    @batched(
        description="Destroys what the audit log's digests of a person or a number stand for. The records, and every "
        "proof, stand. Refused with WrongState while messages must be kept (L1).",
        **allowed(Role.COMPLIANCE_OFFICER),
    )
    def erase_personal_data(self, input: Annotated[ErasePersonalDataInput, WHAT]) -> ErasureResult | None: ...

    @batched(
        description="Takes evidence out of the audit log, to be checked without us, or a list of the users who may not "
        "text: a file that a worker makes. Evidence is for COMPLIANCE_OFFICER and AUDITOR alone. Asking for it and "
        "fetching it are records.",
        **allowed(*WHOLE_ORG),
    )
    def create_export(self, input: Annotated[CreateExportInput, WHAT]) -> ExportResult | None: ...
