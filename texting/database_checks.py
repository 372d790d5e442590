"""What `texting doctor` looks at in the database."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence

import asyncpg
from sqlalchemy.exc import DBAPIError

from audit.keys import KeyMismatch, MasterKey, SealedValues
from audit.notes import NoteError, Verifier, parse_note
from core.ids import SYSTEM_ORG_ID
from core.storage.database import ROLE_APP, ROLE_WORKER, open_pool, reading
from core.storage.migrating import DatabaseTooNew, revision
from texting import database, keys
from texting.check import BAD, NOTE, OK, Check
from texting.embedded import Addresses
from texting.settings import Settings

_PARENTS = {"audit": "audit.record", "texting": "texting.messages"}
_MONTHS_AHEAD = """
SELECT count(*) FROM pg_inherits WHERE inhparent = $1::text::regclass
AND inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$'
AND right(inhrelid::regclass::text, 7) > to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')
"""
_ORG = "SELECT org_id FROM texting.orgs WHERE org_id <> $1 ORDER BY org_id LIMIT 1"
_CLOSED = "SELECT disclosures[1] FROM audit.record WHERE org_id = $1 AND disclosures IS NOT NULL LIMIT 1"

_LOG = """
SELECT split_part(h.origin, '/', 1) AS host,
  (SELECT note FROM anchor.checkpoint WHERE org_id = $1 ORDER BY size LIMIT 1) AS oldest,
  (SELECT note FROM anchor.checkpoint WHERE org_id = $1 ORDER BY size DESC LIMIT 1) AS newest
FROM audit.tree_head h ORDER BY h.org_id LIMIT 1
"""


async def look(settings: Settings, found: Addresses) -> list[Check]:
    """Look at the revision; if that is this program's, at the roles, the partitions and the audit key.

    Raises:
        StartupError: the database cannot be reached.
    """
    await database.check(found)
    stands = await _revision(found)
    if stands.verdict != OK:
        return [stands]
    checks = [stands]
    for role in (ROLE_APP, ROLE_WORKER):
        try:
            async with _pool(found, role) as pool:
                checks.append(Check(name="role", verdict=OK, told=role))
                for more in _BY_ROLE[role]:
                    checks.extend([each async for each in more(settings, pool)])
        except asyncpg.PostgresError as error:
            told = f"the database user cannot serve as `{role}` ({error}): GRANT it that role"
            checks.append(Check(name="role", verdict=BAD, told=told))
    return checks


async def _revision(found: Addresses) -> Check:
    try:
        stands = await revision(found.admin, database.MIGRATIONS)
    except DatabaseTooNew as error:
        return Check(name="database", verdict=BAD, told=str(error))
    except DBAPIError as error:
        return Check(name="database", verdict=BAD, told=database.why_not_migrated(found, error))
    if stands.is_current:
        return Check(name="database", verdict=OK, told=f"revision {stands.current}")
    told = (
        f"revision {stands.current or 'none'}, and this program wants {stands.head}: `texting migrate` brings it there"
    )
    return Check(name="database", verdict=NOTE, told=told)


async def _partitions(_: Settings, pool: asyncpg.Pool) -> AsyncIterator[Check]:
    for schema, parent in _PARENTS.items():
        strays = await pool.fetchval(f"SELECT {schema}.strays()")
        ahead = await pool.fetchval(_MONTHS_AHEAD, parent)
        if strays:
            told = f"{strays} rows of `{schema}` lie outside every month: move them, or their months cannot be made"
            yield Check(name="partitions", verdict=BAD, told=told)
        elif not ahead:
            told = f"`{schema}` has no month ahead: run `texting work --only upkeep`"
            yield Check(name="partitions", verdict=BAD, told=told)
        else:
            yield Check(name="partitions", verdict=OK, told=f"`{schema}` has {ahead} months ahead")


async def _audit_key(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[Check]:
    """Open something that the key has closed: a key that is well formed may still be another one."""
    async with reading(pool, SYSTEM_ORG_ID) as reader:
        orgs = await reader.fetch_sql(_ORG, SYSTEM_ORG_ID)
    org_id = orgs[0]["org_id"] if orgs else SYSTEM_ORG_ID
    async with reading(pool, org_id) as reader:
        rows = await reader.fetch_sql(_CLOSED, org_id)
    if not (settings.data_dir / keys.AUDIT_KEY_FILE).exists():
        if rows:
            told = f"`{keys.AUDIT_KEY_FILE}` is missing, which closed what is stored: restore it before a start"
            yield Check(name="audit key", verdict=BAD, told=told)
        return
    master = MasterKey(keys.audit_key(settings.data_dir))
    try:
        for row in rows:
            master.open(org_id, SealedValues.parse(row[0]))
    except KeyMismatch:
        told = f"`{keys.AUDIT_KEY_FILE}` does not open what the database holds: restore the key of this database"
        yield Check(name="audit key", verdict=BAD, told=told)
    else:
        yield Check(
            name="audit key", verdict=OK, told="it opens what the database holds" if rows else "nothing to open"
        )


async def _log_keys(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[Check]:
    """Compare the keys with the logs that the database knows: their name, and who signed first and last."""
    known = await pool.fetchrow(_LOG, SYSTEM_ORG_ID)
    if not (settings.data_dir / keys.LOG_KEYS_FILE).exists():
        if known is not None:
            told = f"`{keys.LOG_KEYS_FILE}` is missing, by which `{known['host']}` is signed: restore it before a start"
            yield Check(name="log keys", verdict=BAD, told=told)
        return
    held = keys.log_keys(settings.data_dir)
    if known is None:
        yield Check(name="log keys", verdict=OK, told="nothing is sealed yet")
    elif known["host"] != held.host:
        told = (
            f"`{keys.LOG_KEYS_FILE}` is of `{held.host}`, the database's logs are `{known['host']}`: "
            "restore the keys of this one"
        )
        yield Check(name="log keys", verdict=BAD, told=told)
    elif not _is_signed(known["newest"], held.clock_verifiers()):
        told = f"`{keys.LOG_KEYS_FILE}` lacks the key that signed last: restore the newest log keys"
        yield Check(name="log keys", verdict=BAD, told=told)
    elif not _is_signed(known["oldest"], held.verifiers(held.anchor_origin)):
        told = (
            f"`{keys.LOG_KEYS_FILE}` lacks the key that signed first: sealing goes on, and `texting audit verify` "
            "cannot check the checkpoints from before the rotation until it is put back"
        )
        yield Check(name="log keys", verdict=NOTE, told=told)
    else:
        yield Check(name="log keys", verdict=OK, told=f"the logs are named `{held.host}`")


def _is_signed(note: bytes | None, by: Sequence[Verifier]) -> bool:
    """Say whether one of these keys has signed a checkpoint; one that is not there needs no key."""
    try:
        return note is None or bool(parse_note(note).require(by))
    except NoteError:
        return False


_BY_ROLE = {ROLE_APP: (_audit_key,), ROLE_WORKER: (_log_keys, _partitions)}


@contextlib.asynccontextmanager
async def _pool(found: Addresses, role: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(found.login, role=role, max_size=1)
    try:
        yield pool
    finally:
        await pool.close()
