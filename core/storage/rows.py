"""What a read gives: asyncpg records whose attributes are columns. `graphql_type` names what they are in the API."""

from binascii import b2a_base64
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from core.ids import beginning, encode
from core.storage.of_many import OfMany


class Row(asyncpg.Record):
    """A record read by attribute; an unknown column is an `AttributeError`."""

    graphql_type: ClassVar[str]

    def __getattr__(self, name: str) -> Any:
        """Read a column."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no column `{name}` was selected") from None

    @OfMany
    def global_id(rows: "Sequence[Row]") -> list[str]:  # noqa: N805 - of many
        """Write the global ids of what the rows are in the API, as `encode` does."""
        written: list[str] = []
        org_id = None
        for row in rows:
            if row["org_id"] != org_id:
                org_id = row["org_id"]
                start, rest = beginning(row.graphql_type, org_id)
            written.append(start + b2a_base64(f"{rest}{row['id']!s}".encode(), newline=False).rstrip(b"=").decode())
        return written


class OrgRow(Row):
    """A row of `texting.orgs`; `id` is its `org_id`."""

    graphql_type = "Org"

    @property
    def id(self) -> UUID:
        """Give the organization's own id."""
        return self["org_id"]  # type: ignore[no-any-return]

    @property
    def global_id(self) -> str:
        """Write the organization's global id."""
        return encode("Org", self["org_id"], self["org_id"])


class LocationRow(Row):
    """A row of `texting.locations`."""

    graphql_type = "Location"


class UserRow(Row):
    """A row of `texting.users`."""

    graphql_type = "User"


class PhoneNumberRow(Row):
    """A row of `texting.phone_numbers`."""

    graphql_type = "UserPhoneNumber"


class BrandRow(Row):
    """A row of `texting.brands`."""

    graphql_type = "Brand"


class CampaignRow(Row):
    """A row of `texting.campaigns`."""

    graphql_type = "Campaign"


class ConversationRow(Row):
    """A row of `texting.conversations`."""

    graphql_type = "Conversation"


class MessageRow(Row):
    """A row of `texting.messages`."""

    graphql_type = "Message"


class MessageEventRow(Row):
    """A row of `texting.message_events`."""

    graphql_type = "MessageStatusChange"


class ConsentEventRow(Row):
    """A row of `texting.consent_events`."""

    graphql_type = "ConsentEvent"


class ExportRow(Row):
    """A row of `texting.exports`."""

    graphql_type = "Export"


class AuditRecordRow(Row):
    """A row of `audit.record` with its disclosures."""

    graphql_type = "AuditRecord"
