"""The shape of a remediation before it is about anybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.rules.enums import RemediationKind

PROVIDER, ORG_ADMIN, USER = "PROVIDER_ADMIN", "ORG_ADMIN", "USER"
"""Names of roles, as principals carry them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectIds:
    """Global ids of whom a decision is about, for the variables of a mutation. `campaign_id`: an ACTIVE one, if any.

    `spare_number_id`: of the inventory. `other_location_id`: where texting works.
    """

    org_id: str
    location_id: str
    user_id: str
    number_id: str | None = None
    campaign_id: str | None = None
    spare_number_id: str | None = None
    other_location_id: str | None = None


Variables = Callable[[SubjectIds], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A kind of remediation. `mutation` goes with `variables`, which answer `None` when an argument is not known."""

    kind: RemediationKind
    owner: str | None
    message_id: str
    mutation: str | None = None
    variables: Variables | None = None


def line(
    kind: RemediationKind,
    owner: str | None,
    fix: str,
    mutation: str | None = None,
    variables: Variables | None = None,
) -> Remedy:
    """Write one line of a table; `fix` names its message."""
    return Remedy(kind=kind, owner=owner, message_id=f"{fix}.fix", mutation=mutation, variables=variables)
