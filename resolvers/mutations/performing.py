"""From a mutation's input to its answer: one attempt, one transaction, and an answer that is read after its commit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from audit.actions import Action
from core.commands.attempt import Attempt
from core.commands.refusals import NotAllowed, Refusal, Refused, not_found
from core.commands.transaction import Answer, Command, Transaction, perform
from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from engine import Info, Registry
from resolvers.context import RequestContext
from resolvers.mutations.asked import Asked
from resolvers.mutations.payloads import payload_of
from resolvers.mutations.refusals import refusal_of
from resolvers.mutations.waiting import until_sealed
from schema.access import ALLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an input asks for. `action`: its audit verb; `command`: what carries it out.

    `within`: the organization it is made inside of, where that is not the one that the operation entered.
    """

    action: Action
    command: Command
    within: UUID | None = None


_NOT_THE_PROVIDER = "the provider's own organization has no users and sends no texts: name a customer's in `orgId`"

Plan = TypeVar("Plan", bound=Callable[[Asked, Any], Change])


class Mutations(Registry):
    """Functions by the mutation they answer. `actions`: the audit verbs each may leave, by its Python name."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.actions: dict[str, frozenset[Action]] = {}

    def change(self, name: str, *actions: Action) -> Callable[[Plan], Plan]:
        """Answer a mutation by the change that the decorated function makes of its input.

        The function reads nothing but the input. Who may call is declared in the schema, next to the mutation.
        """

        def remember(plan: Plan) -> Plan:
            async def answer(parents: Sequence[Any], info: Info, *, input: Any) -> list[Any]:
                return [await _answer(info, input, plan, self.actions[name]) for _ in parents]

            self.actions[name] = frozenset(actions)
            self.bind(f"Mutation.{name}")(answer)
            return plan

        return remember


async def _answer(info: Info, input: Any, plan: Callable[[Asked, Any], Change], actions: frozenset[Action]) -> Any:
    context: RequestContext = info.context
    # Before, not after: a request that holds a connection to read with must not wait for a second one to write with.
    await context.renew()
    asked = Asked(context, input)
    change = _planned(info, asked, plan, actions)
    attempt, command = _attempt(info, asked, change), _inside(asked, change)
    if attempt.roles and not attempt.acting_roles and asked.strangers:
        # Whoever may not call it at all learns of another organization's object what everybody learns: nothing.
        attempt, command = replace(attempt, allowed_roles=tuple(attempt.roles)), _refusing(asked)
    answer = await perform(context.store, attempt, command)
    if isinstance(answer, Refusal):
        context.refused += (answer.code,)
        return refusal_of(context, answer)
    await _follow(context, answer)
    await until_sealed(context, answer)
    return payload_of(answer)


def _planned(info: Info, asked: Asked, plan: Callable[[Asked, Any], Change], actions: frozenset[Action]) -> Change:
    """Ask what the input asks for. A plan that crashes is a change that does: its attempt leaves a record too."""
    try:
        change = plan(asked, asked.input)
    except Exception as error:  # noqa: BLE001 - raised again, where its record is left
        return Change(action=min(actions), command=_crashing(error))
    if change.action in actions:
        return change
    told = f"`{info.field_name}` does not declare the action `{change.action}`: add it to its binding"
    return Change(action=min(actions), command=_crashing(RuntimeError(told)))


def _crashing(error: Exception) -> Command:
    async def crash(tx: Transaction) -> Answer:
        raise error

    return crash


def _attempt(info: Info, asked: Asked, change: Change) -> Attempt:
    context = asked.context
    org_id = change.within or context.org_id
    type_name, id, argument = asked.about
    return Attempt(
        principal=context.principal,
        org_id=org_id,
        operation=info.field_name,
        action=change.action,
        allowed_roles=tuple(role for role in Role if role in info.metadata[ALLOWED]),
        now=context.now,
        tracking_id=context.tracking_id,
        target_type=type_name,
        target_id=id if change.within is None else org_id,
        argument=argument,
        ip=context.ip,
        user_agent=context.user_agent,
        language=context.language,
        trace=context.trace,
        reason=asked.reason,
        reason_required=asked.reason_required,
        idempotency_key=asked.idempotency_key,
        body_digest=b"" if asked.idempotency_key is None else asked.digest,
        dry_run=asked.dry_run,
    )


def _inside(asked: Asked, change: Change) -> Command:
    """Carry out a change, unless it is of the provider's own organization, or names one that was not entered."""

    async def carry_out(tx: Transaction) -> Answer:
        tx.attempted = asked.attempted
        if asked.context.org_id == SYSTEM_ORG_ID and change.within is None and not asked.strangers:
            raise Refused(NotAllowed(message=_NOT_THE_PROVIDER, required_roles=()))
        if "orgId" in asked.strangers:
            raise not_found("orgId", asked.input.org_id)
        return await change.command(tx)

    return carry_out


def _refusing(asked: Asked) -> Command:
    async def refuse(tx: Transaction) -> Answer:
        tx.attempted = asked.attempted
        raise not_found(asked.strangers[0], "")

    return refuse


async def _follow(context: RequestContext, answer: Answer) -> None:
    """Enter the organization that was created, so that the answer's fields are read inside it."""
    created = answer.refs.get("org_ref")
    if isinstance(created, str) and UUID(created) != context.org_id:
        await context.renew(UUID(created))
