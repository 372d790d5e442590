"""Asking for exports."""

from strawberry.utils.str_converters import to_camel_case

from audit.actions import Action
from core.commands.exports import NewExport, start_export
from core.commands.problems import Problems
from core.commands.transaction import Answer, Transaction
from core.rules.enums import ExportKind
from resolvers import filters
from resolvers.context import RequestContext
from resolvers.mutations.asked import Asked, is_given, or_none
from resolvers.mutations.performing import Change, Mutations
from resolvers.report_questions import Question
from schema.exports import CreateExportInput

registry = Mutations()

_OF_KIND = {
    ExportKind.EVIDENCE: ("audit", "at_size", "from_size"),
    ExportKind.ELIGIBILITY_REPORT: ("users", "what_if", "as_of", "known_at"),
}
"""The fields of the input that only one kind reads."""


@registry.change("create_export", Action.EXPORT_CREATE)
def create(asked: Asked, input: CreateExportInput) -> Change:
    """Ask for an export."""

    async def start(tx: Transaction) -> Answer:
        return await start_export(tx, _wanted(asked.context, input))

    return Change(action=Action.EXPORT_CREATE, command=start)


def _wanted(context: RequestContext, input: CreateExportInput) -> NewExport:
    """Read the input, and refuse what the kind asked for does not read."""
    _refuse_others(input)
    picked = or_none(input.audit)
    return NewExport(
        kind=input.kind,
        format=input.format,
        from_size=or_none(input.from_size) or 0,
        at_size=or_none(input.at_size),
        conditions={} if picked is None else filters.audit_conditions(context, picked),
        report=Question.of_input(context, input).to_json() if input.kind is ExportKind.ELIGIBILITY_REPORT else {},
    )


def _refuse_others(input: CreateExportInput) -> None:
    problems = Problems()
    for kind, names in _OF_KIND.items():
        for name in names:
            if kind is not input.kind and is_given(getattr(input, name)):
                path = to_camel_case(name)
                problems.add(
                    (path,), "NOT_OF_KIND", f"`{path}` is of {kind}, and {input.kind} is asked for: leave it out"
                )
    problems.refuse()
