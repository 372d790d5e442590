"""Asking for exports."""

from audit.actions import Action
from core.commands.exports import NewExport, start_export
from resolvers import filters
from resolvers.mutations.asked import Asked, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.exports import CreateExportInput

registry = Mutations()


@registry.change("create_export", Action.EXPORT_CREATE)
def create(asked: Asked, input: CreateExportInput) -> Change:
    """Ask for one."""
    picked = or_none(input.audit)
    wanted = NewExport(
        kind=input.kind,
        format=input.format,
        from_size=or_none(input.from_size) or 0,
        at_size=or_none(input.at_size),
        conditions={} if picked is None else filters.audit_conditions(asked.context, picked),
    )
    return Change(action=Action.EXPORT_CREATE, command=lambda tx: start_export(tx, wanted))
