"""The bundle of one job: which records it picks, and the values that the person who asked may see."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from audit.export.bundle import Asked, Bundler, NoSuchCheckpoint, Progress
from audit.render import Renderer, may_see_all
from core.commands.downloads import holds_texts
from core.storage.audit_records import IN_TREE, IS_SEALED, SEALED
from core.storage.audit_texts import text_places
from core.storage.export_filters import of_json
from core.storage.fetching import inside
from core.storage.listing import fetch_page
from core.storage.pages import PageRequest
from texting.auditing import snapshot

if TYPE_CHECKING:
    import asyncpg

    from audit.log_keys import LogKeys
    from texting.exporting.jobs import Job

PICKED_MAX = 10_000
"""Records that a filter may pick: each has a proof of its own. A range has any number."""
_AT_ONCE = 1_000

# Compressing what was read may take longer than a session may idle in its transaction.
_UNHURRIED = "SET LOCAL idle_in_transaction_session_timeout = 0"


class CannotBeMade(Exception):
    """the export as it was asked for; the message says why, and what to do"""


async def make_bundle(
    pool: asyncpg.Pool, keys: LogKeys, renderer: Renderer, job: Job, target: IO[bytes], progress: Progress
) -> str:
    """Write a job's bundle in bounded memory; give its SHA-256 in hexadecimal. `pool`: reads one organization at once.

    Raises:
        CannotBeMade: there is none such.
    """
    assert job.at_size is not None
    async with snapshot(pool, job.org_id) as connection:
        await connection.execute(_UNHURRIED)
        try:
            picked = None if job.filter is None else await _picked(connection, job)
            bundler = Bundler(
                connection=connection,
                org_id=job.org_id,
                keys=keys,
                renderer=renderer,
                may_see=may_see_all,
                withheld=None if holds_texts(job.roles) else text_places,
            )
            asked = Asked(from_size=job.from_size, at_size=job.at_size, picked=picked, filter=job.filter)
            return await bundler.write(target, asked, progress)
        except NoSuchCheckpoint as error:
            raise CannotBeMade(str(error)) from error


async def _picked(connection: Any, job: Job) -> list[UUID]:
    """Find the records that a filter picks, in the order of the tree."""
    assert job.filter is not None
    assert job.at_size is not None
    where, picked = of_json(job.filter) & IS_SEALED, list[UUID]()
    request = PageRequest(order=IN_TREE, size=_AT_ONCE, after=(job.from_size - 1,), before=(job.at_size,))
    while True:
        page = await fetch_page(inside(connection), SEALED, request, org=job.org_id, where=where, counted=False)
        picked += [row.id for row in page.nodes]
        if len(picked) > PICKED_MAX:
            raise CannotBeMade(f"more than `{PICKED_MAX}` records are such: ask for fewer, or for the whole range")
        if not page.has_more:
            break
        request = PageRequest(order=IN_TREE, size=_AT_ONCE, after=(page.nodes[-1].leaf_index,), before=(job.at_size,))
    if not picked:
        raise CannotBeMade("no record of that range is such: ask for other ones, or for the whole range")
    return picked
