"""From an identity provider's claims to a principal: a file says which value of which claim is which role, and where.

```json
{
  "org": ["tenant"],
  "orgs": {"acme": "0192f0c1-2345-7abc-8def-0123456789ab"},
  "grants": [
    {"claim": ["realm_access", "roles"], "value": "texting-admin", "role": "ORG_ADMIN"},
    {"claim": ["groups"], "value": "sales", "role": "LOCATION_ADMIN", "location": ["texting_location"]},
    {"claim": ["groups"], "value": "staff", "role": "USER", "user": ["texting_user"]},
    {"claim": ["groups"], "value": "operations", "role": "PROVIDER_ADMIN"}
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.ids import SYSTEM_ORG_ID, decode
from core.principal import Grant, Principal, Role
from texting.startup_error import StartupError

RESERVED = ("cli:", "worker:", "service:")
"""What the log's own actors begin with; no subject of a provider may pass for one of them."""

_Claim = Annotated[tuple[str, ...], Field(min_length=1)]


class ClaimsRefused(Exception):
    """the token is good, and says nobody whom we know"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GrantRule(_Strict):
    """Whoever has `value` in `claim` has `role`. `location`, `user`: the claims of the ids that limit it."""

    claim: _Claim
    value: str
    role: Role
    location: _Claim | None = None
    user: _Claim | None = None

    @model_validator(mode="after")
    def _scoped(self) -> GrantRule:
        if (self.location is not None) != (self.role is Role.LOCATION_ADMIN):
            raise ValueError("`location` goes with LOCATION_ADMIN, and only with it")
        if (self.user is not None) != (self.role is Role.USER):
            raise ValueError("`user` goes with USER, and only with it")
        return self


class ClaimRules(_Strict):
    """The file. `org`: the claim of the organization; `orgs`: ids of organizations by the values that claim may have.

    A claim is the path to it through objects. Without `orgs` the claim's value is the id itself.
    """

    org: _Claim = ("org",)
    orgs: dict[str, UUID] | None = None
    subject: _Claim = ("sub",)
    name: _Claim = ("name",)
    grants: tuple[GrantRule, ...] = Field(min_length=1)

    def principal(self, claims: Mapping[str, Any], issuer: str) -> Principal:
        """Give the caller that verified claims describe.

        Raises:
            ClaimsRefused: they name no subject of ours or give no role.
        """
        subject = _at(claims, self.subject)
        if not isinstance(subject, str) or not subject or subject.startswith(RESERVED):
            raise ClaimsRefused("the token names nobody")
        org_id = self._org(_at(claims, self.org))
        grants = tuple(grant for rule in self.grants if _has(claims, rule) for grant in _grants(rule, claims, org_id))
        if not grants:
            raise ClaimsRefused("the token gives no role here: ask your administrator for one")
        name = _at(claims, self.name)
        return Principal(
            subject=subject,
            name=name if isinstance(name, str) and name else None,
            org_id=org_id or SYSTEM_ORG_ID,
            grants=grants,
            issuer=issuer,
        )

    def _org(self, value: Any) -> UUID | None:
        if not isinstance(value, str):
            return None
        return _id(value, "Org") if self.orgs is None else self.orgs.get(value)


def read_rules(path: Path) -> ClaimRules:
    """Read the file.

    Raises:
        StartupError: it cannot be read, or is no such file.
    """
    try:
        return ClaimRules.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StartupError(f"the roles of claims `{path}` cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        reason = first["msg"].removeprefix("Value error, ")
        raise StartupError(f"the roles of claims `{path}` do not hold: {place}: {reason}") from None


def _grants(rule: GrantRule, claims: Mapping[str, Any], org_id: UUID | None) -> Iterator[Grant]:
    """Give the grants of a rule that applies; none where the claims do not say where."""
    if rule.role is Role.PROVIDER_ADMIN:
        yield Grant(role=rule.role)
    elif org_id is None:
        return
    elif rule.location is not None:
        for value in _values(_at(claims, rule.location)):
            if (location_id := _id(value, "Location", org_id)) is not None:
                yield Grant(role=rule.role, org_id=org_id, location_id=location_id)
    elif rule.user is not None:
        if (user_id := _id(_at(claims, rule.user), "User", org_id)) is not None:
            yield Grant(role=rule.role, org_id=org_id, user_id=user_id)
    else:
        yield Grant(role=rule.role, org_id=org_id)


def _has(claims: Mapping[str, Any], rule: GrantRule) -> bool:
    return rule.value in _values(_at(claims, rule.claim))


def _at(claims: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        claims = claims.get(name) if isinstance(claims, Mapping) else None
    return claims


def _values(claim: Any) -> list[str]:
    """Give a claim's values: a list of texts, or one; OAuth's `scope` is one text with blanks in it."""
    if isinstance(claim, str):
        return [claim, *claim.split(" ")] if " " in claim else [claim]
    return [each for each in claim if isinstance(each, str)] if isinstance(claim, list) else []


def _id(value: Any, type_name: str, org_id: UUID | None = None) -> UUID | None:
    """Read a UUID or one of our ids, which must be of that type and organization."""
    if not isinstance(value, str):
        return None
    if (found := decode(value)) is not None:
        return found.id if found.type == type_name and org_id in {None, found.org_id} else None
    try:
        return UUID(value)
    except ValueError:
        return None
