"""The files of exports: `/exports/<global id>.zip` or `.csv`, by the links that the API gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import FileResponse
from starlette.routing import Route

from audit.actions import Action
from core.commands.attempt import Attempt
from core.commands.downloads import record_download
from core.commands.refusals import Refusal
from core.commands.transaction import perform
from core.ids import decode
from core.principal import Grant
from schema.access import WHOLE_ORG
from texting import request_facts
from texting.admission import Admission
from texting.auth import stands
from texting.request_failure import FailureCode, RequestFailure

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from core.commands.transaction import Store
    from core.ids import GlobalId
    from core.links import Link
    from texting.exporting.folder import Folder

_FILES = {"zip": ("application/zip", "evidence"), "csv": ("text/csv; charset=utf-8", "eligibility")}
"""By what a file's name ends with: its media type, and how it is called where it is kept."""
_ENDED = "this link has ended, or is none of ours: ask for the export's `url` again"


def export_routes(store: Store, folder: Folder, admission: Admission | None = None) -> list[Route]:
    """Give the routes; `admission` counts what is fetched among the operations of an address and of a caller."""
    return [Route("/exports/{file}", partial(_file, store, folder, admission or Admission()))]


async def _file(store: Store, folder: Folder, admission: Admission, request: Request) -> Response:
    admission.arrive(request_facts.ip(request))
    now, file = datetime.now(UTC), request.path_params["file"]
    name, _, suffix = file.partition(".")
    link, export = store.links.read(file, request.query_params.get("token", ""), now), decode(name)
    if link is None or export is None or export.type != "Export" or suffix not in _FILES:
        raise RequestFailure(404, FailureCode.NOT_FOUND, _ENDED)
    admission.ask(link.caller)
    if not await stands(store.pool, link.caller, now):
        raise RequestFailure(404, FailureCode.NOT_FOUND, _ENDED)
    media_type, called = _FILES[suffix]
    path, attempt = folder.path(export.id, suffix), _attempt(request, link, export, now)
    answer = await perform(store, attempt, partial(record_download, export_id=export.id)) if path.is_file() else None
    if answer is None or isinstance(answer, Refusal):
        raise RequestFailure(404, FailureCode.NOT_FOUND, _ENDED)
    return FileResponse(
        path,
        media_type=media_type,
        filename=f"{called}-{export.id}.{suffix}",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "TrackingID": attempt.tracking_id},
    )


def _attempt(request: Request, link: Link, export: GlobalId, now: datetime) -> Attempt:
    grants = tuple(Grant(role=role, org_id=export.org_id) for role in sorted(link.roles))
    return Attempt(
        principal=replace(link.caller, grants=grants),
        org_id=export.org_id,
        operation="export",
        action=Action.EXPORT_DOWNLOAD,
        allowed_roles=tuple(sorted(WHOLE_ORG)),
        now=now,
        tracking_id=request_facts.tracking_id(),
        target_type="Export",
        target_id=export.id,
        argument="id",
        ip=request_facts.ip(request),
        user_agent=request_facts.user_agent(request),
    )
