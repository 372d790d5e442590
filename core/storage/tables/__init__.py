"""Every table outside the audit log, declared with SQLModel: it types the statements and is diffed with the migrations.

Keys start with `org_id`. Closed sets are text with a CHECK, because under row security a native enum's operators are
not leakproof and would not use an index. Declaring is all this does: reads never make ORM objects.
"""

from core.storage.tables.consent import ConsentEvents, TrafficBlocks
from core.storage.tables.delivery import Outbox, SandboxEvents
from core.storage.tables.exports import Exports
from core.storage.tables.messages import Conversations, MessageEvents, Messages
from core.storage.tables.numbers import NumberDirectory, PhoneNumbers
from core.storage.tables.provisioning import FactVersions, Locations, Orgs, Users
from core.storage.tables.registration import Brands, Campaigns
from core.storage.tables.system import IdempotencyKeys, Policies, ServiceTokens, SignIns, Tokens

__all__ = [
    "Brands",
    "Campaigns",
    "ConsentEvents",
    "Conversations",
    "Exports",
    "FactVersions",
    "IdempotencyKeys",
    "Locations",
    "MessageEvents",
    "Messages",
    "NumberDirectory",
    "Orgs",
    "Outbox",
    "PhoneNumbers",
    "Policies",
    "SandboxEvents",
    "ServiceTokens",
    "SignIns",
    "Tokens",
    "TrafficBlocks",
    "Users",
]
