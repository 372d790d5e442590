"""What `texting doctor` looks at. Nothing is made or changed; the embedded PostgreSQL is started to look inside."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from texting import keys
from texting.check import BAD, NOTE, OK, Check
from texting.settings import Settings, misspelt
from texting.startup_error import StartupError


def look(settings: Settings) -> list[Check]:
    """Look at everything; what cannot be looked at because of something else is left out."""
    found = [*_directory(settings.data_dir), _pages()]
    if not any(each.verdict == BAD for each in found):
        found.extend(_database(settings))
    return [*_named(settings), *found]


def _named(settings: Settings) -> Iterator[Check]:
    """What settings name, where they name it: a start is refused where it cannot be read."""
    for told in misspelt(os.environ):
        yield Check(name="settings", verdict=NOTE, told=told)
    from texting.identity.claims import read_rules
    from texting.manifest import read_manifest
    from texting.sealing import parse_witnesses

    if settings.witnesses:
        yield _tried("witnesses", "each has an address and a key", partial(parse_witnesses, settings.witnesses))
    if settings.oidc_roles:
        yield _tried("roles", f"`{settings.oidc_roles}`", partial(read_rules, settings.oidc_roles))
    if settings.operations_manifest:
        path = settings.operations_manifest
        yield _tried("manifest", f"`{path}`", partial(read_manifest, path))


def _directory(folder: Path) -> Iterator[Check]:
    if not folder.exists():
        yield Check(name="data directory", verdict=NOTE, told=f"`{folder}` is not there yet: `texting serve` makes it")
        return
    yield _tried("data directory", f"`{folder}`", partial(_writable, folder))
    reads: dict[str, Callable[[Path], object]] = {
        keys.SIGNING_KEY_FILE: keys.token_key,
        keys.AUDIT_KEY_FILE: keys.audit_key,
        keys.LOG_KEYS_FILE: keys.log_keys,
    }
    for name, read in reads.items():
        if (folder / name).exists():
            yield _tried("key", name, partial(read, folder))
        else:
            yield Check(name="key", verdict=NOTE, told=f"`{name}` is not there: a first start makes it")


def _writable(folder: Path) -> None:
    from texting import data_dir

    data_dir.make(folder)


def _pages() -> Check:
    from texting import assets

    try:
        assets.load()
    except assets.AssetsMissing as error:
        return Check(name="pages", verdict=NOTE, told=str(error))
    return Check(name="pages", verdict=OK, told="GraphiQL is installed")


def _tried(name: str, told: str, do: Callable[[], object]) -> Check:
    try:
        do()
    except StartupError as error:
        return Check(name=name, verdict=BAD, told=str(error))
    return Check(name=name, verdict=OK, told=told)


def _database(settings: Settings) -> list[Check]:
    from texting import database, database_checks
    from texting.stopping import Stopping

    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        return [Check(name="database", verdict=NOTE, told="there is none yet: `texting serve` makes it")]
    try:
        with Stopping(), database.addresses(settings) as found:
            return asyncio.run(database_checks.look(settings, found))
    except StartupError as error:
        return [Check(name="database", verdict=BAD, told=str(error))]
