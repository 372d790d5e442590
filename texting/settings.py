"""What an operator may set: environment variables with the prefix `TEXTING_`, or options of the command line."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from texting.startup_error import StartupError

SIGNATURES = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Algorithms of tokens that may be allowed: those whose key cannot be made from what is published."""

NOTHING_TO_TRUST = (
    "TEXTING_TRUSTED_DOCUMENTS is on, and there are no operations to trust: "
    "name the file of them in TEXTING_OPERATIONS_MANIFEST"
)

_PREFIX = "TEXTING_"
_READ_BESIDES = frozenset({"token"})
"""By `texting call`, which says so in its help."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+")
"""As browsers write one (RFC 6454 §6.2): lower case, no path; pages inside apps have schemes of their own."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Every setting; the environment variable is `TEXTING_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str | None = Field(
        default=None,
        description="URL of a PostgreSQL 15 to 18 (postgresql://user:password@host/name) whose user migrates "
        "and serves; without it a PostgreSQL is started in the data directory.",
    )
    data_dir: Path = Field(
        default=Path(".texting"),
        description="Directory of the keys, the demo tokens and the embedded PostgreSQL; made when missing.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=8000, description="TCP port to listen on; 0 takes a free one.")
    health_host: str = Field(default="127.0.0.1", description="Address at which /livez, /readyz and /metrics listen.")
    health_port: Port | None = Field(
        default=None, description="TCP port of /livez, /readyz and /metrics; without it they are not served."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )
    database_connections: int = Field(
        default=16, ge=2, le=500, description="Most connections that requests hold to the database at once."
    )
    statement_timeout_s: float = Field(
        default=30.0, gt=0, le=600, description="Longest time in seconds that one database statement may take."
    )
    request_limit_bytes: int = Field(
        default=1_000_000,
        ge=1_000,
        description="Largest body of a request in bytes; larger ones are answered with 413.",
    )
    token_limit: int = Field(
        default=10_000, ge=100, description="Most lexical tokens in one GraphQL document; longer ones are refused."
    )
    depth_limit: int = Field(
        default=30, ge=5, description="Most levels of fields in fields of one document; deeper ones are refused."
    )
    alias_limit: int = Field(default=100, ge=0, description="Most aliases in one document.")
    directive_limit: int = Field(default=50, ge=0, description="Most directives in one document.")
    equal_pair_limit: int = Field(
        default=30_000,
        ge=1_000,
        description="Most pairs of fields of one name, or of fragments, in one document: validation compares each.",
    )
    cost_limit: int = Field(
        default=200_000,
        ge=100,
        description="Most values that an answer may come to, worked out from page sizes before anything is executed.",
    )
    operation_timeout_s: float = Field(
        default=30.0, gt=0, le=600, description="Longest time in seconds that one query may take; mutations end."
    )
    operations_a_second: int = Field(
        default=1_000, ge=0, description="Most operations a second of one caller, twice that at once; 0 for no limit."
    )
    address_operations_a_second: int = Field(
        default=2_000, ge=0, description="Most operations a second from one address, twice that at once; 0: no limit."
    )
    operations_at_once: int = Field(
        default=100, ge=0, description="Most operations of one caller that run side by side; 0 for no limit."
    )
    subscriptions_at_once: int = Field(
        default=100, ge=0, description="Most subscriptions of one caller that are open; 0 for no limit."
    )
    compression: bool = Field(default=True, description="Whether longer answers are compressed for who takes gzip.")
    shutdown_timeout_s: int = Field(
        default=10, ge=0, le=300, description="Time in seconds that running requests get to end when the program stops."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses of proxies, separated by commas, whose X-Forwarded-For header names the client; "
        "none by default.",
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="Address of the OpenID Connect provider whose tokens are taken, exactly as its tokens name it; "
        "without it only tokens issued here are.",
    )
    oidc_audience: str | None = Field(
        default=None, description="The audience (`aud`) that the provider's tokens for this API name."
    )
    oidc_roles: Path | None = Field(
        default=None, description="File that says which value of which claim is which role, and where."
    )
    oidc_keys_url: str | None = Field(
        default=None,
        description="Address of the provider's keys (JWKS); without it they are found by its discovery document.",
    )
    oidc_algorithms: str = Field(
        default="RS256,PS256,ES256,EdDSA,Ed25519",
        description="Algorithms of signatures that are taken, separated by commas; none with a shared secret may be.",
    )
    oidc_clock_skew_s: int = Field(
        default=30, ge=0, le=300, description="Seconds by which the provider's clock may differ from ours."
    )
    allowed_origins: str = Field(
        default="",
        description="Origins of web pages besides our own, separated by commas, that may connect: each as "
        "https://host; none by default.",
    )
    socket_operations: int = Field(
        default=20, ge=1, le=1_000, description="Most operations that run on one WebSocket at once."
    )
    sockets_at_once: int = Field(
        default=100,
        ge=0,
        description="Most WebSockets of one caller that are open, and of one address that have not signed in; "
        "0 for no limit.",
    )
    process_sockets_at_once: int = Field(
        default=5_000, ge=0, description="Most WebSockets that are open in one process; 0 for no limit."
    )
    process_streams_at_once: int = Field(
        default=5_000, ge=0, description="Most event streams that are open in one process; 0 for no limit."
    )
    witnesses: str = Field(
        default="",
        description="Witnesses of the audit log, separated by commas: each an address, a blank and its verifier key.",
    )
    operations_manifest: Path | None = Field(
        default=None,
        description="File of the operations that clients are known to send, as Relay's or Apollo's compiler writes it; "
        "they are read before the first request.",
    )
    trusted_documents: bool = Field(
        default=False,
        description="Whether operations of the manifest are the only ones that are executed, sent by id or as text.",
    )
    introspection: bool = Field(
        default=True,
        description="Whether the schema may be asked for (`__schema`, `__type`) and like names be suggested for wrong "
        "ones; GraphiQL needs it.",
    )
    get_queries: bool = Field(
        default=True,
        description="Whether queries are answered by GET too; proxies log addresses, and variables are in them.",
    )
    graphiql: bool = Field(default=True, description="Whether GraphiQL is served at /graphiql.")
    worker: bool = Field(default=True, description="Whether `serve` also does what `work` does.")

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins, one by one."""
        return frozenset(_listed(self.allowed_origins))

    @property
    def algorithms(self) -> frozenset[str]:
        """The allowed algorithms, one by one."""
        return frozenset(_listed(self.oidc_algorithms))

    @field_validator("oidc_algorithms")
    @classmethod
    def _asymmetric(cls, value: str) -> str:
        chosen = set(_listed(value))
        if not chosen or chosen - SIGNATURES:
            raise ValueError(f"give names from {', '.join(sorted(SIGNATURES))}")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _as_browsers_write_them(cls, value: str) -> str:
        for each in _listed(value):
            if not _ORIGIN.fullmatch(each) or each != each.lower():
                raise ValueError(f"`{each}` is no origin: give each as https://host, in lower case and without a path")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for each in [] if value == "*" else _listed(value):
            try:
                ipaddress.ip_network(each)
            except ValueError:
                raise ValueError(f"`{each}` is no address or network: give one as 10.0.0.7 or 10.0.0.0/8") from None
        return value

    @field_validator("oidc_issuer", "oidc_keys_url")
    @classmethod
    def _secure(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
            return value
        raise ValueError("give an address that starts with https://, or is on this machine")

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in {"postgres", "postgresql"}:
            raise ValueError("give a URL that starts with postgresql://")
        url = f"postgresql://{rest}"
        try:
            urlsplit(url)
        except ValueError:
            # Without the cause, whose words may show the password.
            raise ValueError("give a URL that starts with postgresql:// and has a host that can be read") from None
        return url


def misspelt(environment: Mapping[str, str]) -> list[str]:
    """Say which variables look like settings and are none; nothing reads them, so a typing error changes nothing."""
    known = Settings.model_fields.keys()
    told = []
    for variable in sorted(environment):
        name = variable.removeprefix(_PREFIX).lower()
        if variable.startswith(_PREFIX) and name not in known | _READ_BESIDES:
            like = get_close_matches(name, known, n=1)
            told.append(
                f"`{variable}` is no setting" + "".join(f": do you mean `{_PREFIX}{each.upper()}`?" for each in like)
            )
    return told


def _listed(value: str) -> list[str]:
    return [each.strip() for each in value.split(",") if each.strip()]


def _together(settings: Settings) -> Settings:
    """Refuse settings that mean nothing without others. Raises `StartupError`."""
    if settings.oidc_issuer is not None and (not settings.oidc_audience or settings.oidc_roles is None):
        raise StartupError("TEXTING_OIDC_ISSUER needs TEXTING_OIDC_AUDIENCE and TEXTING_OIDC_ROLES: set them")
    if settings.trusted_documents and settings.operations_manifest is None:
        raise StartupError(NOTHING_TO_TRUST)
    return settings


def load(**given: Any) -> Settings:
    """Read the settings; `given` are options of the command line and win, `None` meaning not given.

    Raises:
        StartupError: naming the first setting that does not hold, never showing a database URL.
    """
    try:
        return _together(Settings(**{name: value for name, value in given.items() if value is not None}))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        shown = "" if name == "database_url" else f" `{first['input']}`"
        reason = first["msg"].removeprefix("Value error, ")
        raise StartupError(f"TEXTING_{name.upper()}{shown} does not hold: {reason[0].lower()}{reason[1:]}") from None
