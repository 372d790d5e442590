"""What an operator may set: environment variables with the prefix `TEXTING_`, or options of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from texting.startup_error import StartupError

Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Every setting; the environment variable is `TEXTING_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="TEXTING_", env_ignore_empty=True, extra="ignore", frozen=True)

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
    shutdown_timeout_s: int = Field(
        default=10, ge=0, le=300, description="Time in seconds that running requests get to end when the program stops."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses of proxies, separated by commas, whose X-Forwarded-For header names the client; "
        "none by default.",
    )
    allowed_origins: str = Field(
        default="",
        description="Origins of web pages besides our own, separated by commas, that may connect: each as "
        "https://host; none by default.",
    )
    socket_operations: int = Field(
        default=20, ge=1, le=1_000, description="Most operations that run on one WebSocket at once."
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
    graphiql: bool = Field(default=True, description="Whether GraphiQL is served at /graphiql.")
    worker: bool = Field(default=True, description="Whether `serve` also does what `work` does.")

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins, one by one."""
        return frozenset(each.strip() for each in self.allowed_origins.split(",") if each.strip())

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in {"postgres", "postgresql"}:
            raise ValueError("a URL that starts with postgresql://")
        url = f"postgresql://{rest}"
        try:
            urlsplit(url)
        except ValueError:
            # Without the cause, whose words may show the password.
            raise ValueError("a URL that starts with postgresql:// and has a host that can be read") from None
        return url


def load(**given: Any) -> Settings:
    """Read the settings; `given` are options of the command line and win, `None` meaning not given.

    Raises:
        StartupError: naming the first setting that does not hold, never showing a database URL.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        shown = "" if name == "database_url" else f" `{first['input']}`"
        reason = first["msg"].removeprefix("Value error, ")
        raise StartupError(f"TEXTING_{name.upper()}{shown} does not hold: {reason[0].lower()}{reason[1:]}") from None
