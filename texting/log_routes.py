"""The audit logs as files over HTTP, in the layout of C2SP tlog-tiles: `/log/org/<opaque id>/…` and `/log/anchor/…`.

Checkpoints and tiles are hashes and signatures under a name that tells nobody whose they are: anybody may have them,
and a cache may keep a tile for ever. Bundles of entries are for those who may read the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audit.log_keys import ANCHOR, LogKeys
from audit.tile_files import CHECKPOINT, TilePath, newest_checkpoint, read_tile
from audit.trees import Tree
from core.ids import SYSTEM_ORG_ID
from schema.access import AUDIT
from texting import request_facts
from texting.admission import Admission
from texting.auditing import snapshot
from texting.auth import Authenticator, NotAuthenticated, Refused
from texting.identity.refusals import Refusals
from texting.request_failure import FailureCode, RequestFailure

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_EVER_PRIVATE = "private, max-age=31536000, immutable"
_AT_ONCE = "no-cache"
_OPAQUE_ID = re.compile(r"[0-9a-f]{32}")
_ORG_OF = "SELECT org_id FROM audit.tree_head WHERE origin = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFiles:
    """What the files are read from.

    workers: the pool that finds which organization an opaque id is, and reads the anchor, whose leaves speak of all.
    pool: the pool that reads an organization's log, entered as that organization.
    admission: counts what is fetched among the operations of an address, and bundles of entries of a caller.
    refusals: counts who is not let in.
    """

    workers: asyncpg.Pool
    pool: asyncpg.Pool
    keys: LogKeys
    authenticator: Authenticator
    admission: Admission = field(default_factory=Admission)
    refusals: Refusals = field(default_factory=Refusals)


def log_routes(files: LogFiles) -> list[Route]:
    """Give the routes."""
    return [
        Route(f"/log/{ANCHOR}/{{file:path}}", partial(_anchor, files)),
        Route("/log/org/{id}/{file:path}", partial(_org, files)),
    ]


async def _anchor(files: LogFiles, request: Request) -> Response:
    files.admission.arrive(request_facts.ip(request))
    return await _file(files, request, Tree("anchor", SYSTEM_ORG_ID), files.keys.anchor_origin)


async def _org(files: LogFiles, request: Request) -> Response:
    files.admission.arrive(request_facts.ip(request))
    opaque_id = request.path_params["id"]
    if not _OPAQUE_ID.fullmatch(opaque_id):
        raise _nothing()
    origin = f"{files.keys.host}/org/{opaque_id}"
    org_id = await files.workers.fetchval(_ORG_OF, origin)
    if org_id is None:
        raise _nothing()
    return await _file(files, request, Tree("audit", org_id), origin)


async def _file(files: LogFiles, request: Request, tree: Tree, origin: str) -> Response:
    name = request.path_params["file"]
    asked = None if name == CHECKPOINT else TilePath.parse(name)
    if asked is None and name != CHECKPOINT:
        raise _nothing()
    holds_entries = asked is not None and asked.level is None
    if holds_entries and tree.schema != ANCHOR:
        await _check_reader(files, request, tree.org_id)
    pool = files.workers if tree.schema == ANCHOR else files.pool
    async with snapshot(pool, tree.org_id) as connection:
        content = await _read(connection, tree, origin, asked)
    if content is None:
        raise _nothing()
    headers = {"X-Content-Type-Options": "nosniff"}
    if asked is None:
        return Response(content, media_type="text/plain; charset=utf-8", headers=headers | {"Cache-Control": _AT_ONCE})
    kept = _FOR_EVER_PRIVATE if holds_entries and tree.schema != ANCHOR else _FOR_EVER
    return Response(content, media_type="application/octet-stream", headers=headers | {"Cache-Control": kept})


async def _read(connection: Any, tree: Tree, origin: str, asked: TilePath | None) -> bytes | None:
    if asked is None:
        return await newest_checkpoint(connection, tree, origin)
    return await read_tile(connection, tree, asked)


async def _check_reader(files: LogFiles, request: Request, org_id: UUID) -> None:
    """Refuse who may not read the log; an organization that is not the caller's is not there."""
    address = request_facts.ip(request)
    try:
        token = request_facts.bearer_token(request)
    except RequestFailure:
        files.refusals.count(address, Refused.MISSING)
        raise
    try:
        principal = await files.authenticator.authenticate(token, datetime.now(UTC))
    except NotAuthenticated as error:
        files.refusals.count(address, error.kind)
        raise request_facts.unauthenticated(str(error)) from None
    files.admission.ask(principal)
    if not principal.roles_in(org_id) & AUDIT:
        raise _nothing()


def _nothing() -> RequestFailure:
    return RequestFailure(404, FailureCode.NOT_FOUND, "there is no such file of a log, or not yet: see its checkpoint")
