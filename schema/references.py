"""Types by name, for the fields that refer to each other in circles."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.audit import AuditRecord
    from schema.brand import Brand
    from schema.campaign import Campaign
    from schema.consent import ConsentEvent, ConsentState
    from schema.conversation import Conversation
    from schema.eligibility import EligibilityDecision
    from schema.exports import Export
    from schema.location import Location
    from schema.message import Message
    from schema.number import UserPhoneNumber
    from schema.org import Org
    from schema.sending import SendDecision
    from schema.settings import EffectiveSetting, SettingSource
    from schema.user import User

AuditRecordRef = Annotated["AuditRecord", strawberry.lazy("schema.audit")]
BrandRef = Annotated["Brand", strawberry.lazy("schema.brand")]
CampaignRef = Annotated["Campaign", strawberry.lazy("schema.campaign")]
ConsentEventRef = Annotated["ConsentEvent", strawberry.lazy("schema.consent")]
ConsentStateRef = Annotated["ConsentState", strawberry.lazy("schema.consent")]
ConversationRef = Annotated["Conversation", strawberry.lazy("schema.conversation")]
EffectiveSettingRef = Annotated["EffectiveSetting", strawberry.lazy("schema.settings")]
EligibilityDecisionRef = Annotated["EligibilityDecision", strawberry.lazy("schema.eligibility")]
ExportRef = Annotated["Export", strawberry.lazy("schema.exports")]
LocationRef = Annotated["Location", strawberry.lazy("schema.location")]
MessageRef = Annotated["Message", strawberry.lazy("schema.message")]
OrgRef = Annotated["Org", strawberry.lazy("schema.org")]
SendDecisionRef = Annotated["SendDecision", strawberry.lazy("schema.sending")]
SettingSourceRef = Annotated["SettingSource", strawberry.lazy("schema.settings")]
UserPhoneNumberRef = Annotated["UserPhoneNumber", strawberry.lazy("schema.number")]
UserRef = Annotated["User", strawberry.lazy("schema.user")]
