"""Every audited action: a closed set of verbs, each with its OCSF class and activity.

Grammar of a verb: `<entity>:<verb>` or `<entity>:<aspect>:<verb>`, lower case, words joined by hyphens. A denied or
failed attempt carries the same verb as the success; its outcome says the difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

_VERB = re.compile(r"(?P<entity>[a-z]+(?:-[a-z]+)*)(?::(?P<aspect>[a-z]+(?:-[a-z]+)*))?:(?P<verb>[a-z]+(?:-[a-z]+)*)")


class OcsfClass(IntEnum):
    """The OCSF event classes in use."""

    AUTHENTICATION = 3002
    ENTITY_MANAGEMENT = 3004
    EMAIL_ACTIVITY = 4009
    """OCSF has no class for texts; its one for e-mail has the same activities."""
    API_ACTIVITY = 6003


@dataclass(frozen=True, slots=True)
class Verb:
    """A parsed action: what kind of thing, which side of it, what was done to it."""

    entity: str
    aspect: str | None
    verb: str

    @classmethod
    def parse(cls, text: str) -> Verb:
        """Parse an action's text.

        Raises:
            ValueError: the text does not follow the grammar.
        """
        match = _VERB.fullmatch(text)
        if match is None:
            raise ValueError(f"`{text}` is not an action: write entity:verb or entity:aspect:verb in lower case")
        return cls(match["entity"], match["aspect"], match["verb"])

    def __str__(self) -> str:
        """Write the verb as `parse` reads it."""
        return ":".join(part for part in (self.entity, self.aspect, self.verb) if part)


class Action(StrEnum):
    """What was done, or tried."""

    ORG_CREATE = "org:create"
    ORG_UPDATE = "org:update"
    ORG_ENTITLEMENTS_UPDATE = "org:entitlements:update"
    ORG_TEXTING_ENABLE = "org:texting:enable"
    ORG_TEXTING_DISABLE = "org:texting:disable"
    ORG_TEXTING_LOCK = "org:texting:lock"
    ORG_TEXTING_UNLOCK = "org:texting:unlock"
    LOCATION_CREATE = "location:create"
    LOCATION_UPDATE = "location:update"
    LOCATION_TEXTING_ENABLE = "location:texting:enable"
    LOCATION_TEXTING_DISABLE = "location:texting:disable"
    LOCATION_TEXTING_INHERIT = "location:texting:inherit"
    LOCATION_TEXTING_LOCK = "location:texting:lock"
    LOCATION_TEXTING_UNLOCK = "location:texting:unlock"
    USER_CREATE = "user:create"
    USER_UPDATE = "user:update"
    USER_DEACTIVATE = "user:deactivate"
    USER_APP_VERSION_REPORT = "user:app-version:report"
    USER_TEXTING_ENABLE = "user:texting:enable"
    USER_TEXTING_DISABLE = "user:texting:disable"
    USER_TEXTING_INHERIT = "user:texting:inherit"
    NUMBER_ADD = "number:add"
    NUMBER_UPDATE = "number:update"
    NUMBER_ASSIGN = "number:assign"
    NUMBER_UNASSIGN = "number:unassign"
    NUMBER_CAMPAIGN_ASSIGN = "number:campaign:assign"
    NUMBER_CAMPAIGN_UNASSIGN = "number:campaign:unassign"
    NUMBER_CAMPAIGN_RECORD = "number:campaign:record"
    BRAND_REGISTER = "brand:register"
    BRAND_STATUS_RECORD = "brand:status:record"
    CAMPAIGN_SUBMIT = "campaign:submit"
    CAMPAIGN_STATUS_RECORD = "campaign:status:record"
    CAMPAIGN_CARRIER_RECORD = "campaign:carrier:record"
    CONSENT_RECORD = "consent:record"
    MESSAGE_SEND = "message:send"
    MESSAGE_RECEIVE = "message:receive"
    MESSAGE_STATUS_RECORD = "message:status:record"
    MESSAGE_BLOCK = "message:block"
    MESSAGE_BODY_READ = "message:body:read"
    SPAM_REPORT = "spam:report"
    TOKEN_ISSUE = "token:issue"  # noqa: S105 - a verb, not a secret
    TOKEN_REVOKE = "token:revoke"  # noqa: S105 - the same
    SERVICE_TOKEN_ISSUE = "service-token:issue"  # noqa: S105 - the same
    SERVICE_TOKEN_REVOKE = "service-token:revoke"  # noqa: S105 - the same
    SESSION_SIGN_IN = "session:sign-in"
    SESSION_REFUSE = "session:refuse"
    DIRECTORY_IMPORT = "directory:import"
    EXPORT_CREATE = "export:create"
    EXPORT_DOWNLOAD = "export:download"
    PERSONAL_DATA_ERASE = "personal-data:erase"

    @property
    def parsed(self) -> Verb:
        """The verb in its parts."""
        return Verb.parse(self.value)

    @property
    def ocsf(self) -> tuple[OcsfClass, int]:
        """OCSF class and activity: `class_uid`, `activity_id`."""
        return _OCSF[self]


_OTHER = 99
_ENTITY_ACTIVITIES = {
    "create": 1,
    "add": 1,
    "register": 1,
    "submit": 1,
    "issue": 1,
    "update": 3,
    "record": 3,
    "report": 3,
    "assign": 3,
    "unassign": 3,
    "inherit": 3,
    "import": 3,
    "lock": 3,
    "unlock": 3,
    "revoke": 4,
    "erase": 4,
    "enable": 8,
    "disable": 9,
    "deactivate": 11,
}
"""Activity ids of Entity Management (3004) by verb."""

_EXCEPTIONS = {
    Action.MESSAGE_SEND: (OcsfClass.EMAIL_ACTIVITY, 1),
    Action.MESSAGE_RECEIVE: (OcsfClass.EMAIL_ACTIVITY, 2),
    Action.MESSAGE_STATUS_RECORD: (OcsfClass.EMAIL_ACTIVITY, 4),
    Action.MESSAGE_BLOCK: (OcsfClass.EMAIL_ACTIVITY, _OTHER),
    Action.MESSAGE_BODY_READ: (OcsfClass.API_ACTIVITY, 2),
    Action.SPAM_REPORT: (OcsfClass.API_ACTIVITY, 1),
    Action.EXPORT_CREATE: (OcsfClass.API_ACTIVITY, 1),
    Action.EXPORT_DOWNLOAD: (OcsfClass.API_ACTIVITY, 2),
    Action.SESSION_SIGN_IN: (OcsfClass.AUTHENTICATION, 1),
    Action.SESSION_REFUSE: (OcsfClass.AUTHENTICATION, 1),
}

_OCSF = {
    action: _EXCEPTIONS.get(action) or (OcsfClass.ENTITY_MANAGEMENT, _ENTITY_ACTIVITIES[Verb.parse(action.value).verb])
    for action in Action
}
