"""The declaration of a batched field: a signature without a body, bound to a function elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from strawberry.types.field import StrawberryField

if TYPE_CHECKING:
    from typing import Self

    from engine.info import Guard


class UnboundFieldError(RuntimeError):
    """a batched field was executed in a schema that `engine.bind` has not seen"""


class BatchedField(StrawberryField):
    """A Strawberry field whose value comes from a function that takes all parents of a level at once.

    `guard` is asked once for each batch; `metadata` is the declaration's own and reaches the function as
    `Info.metadata`.
    """

    guard: Guard | None = None

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied.guard = self.guard
        return copied

    def get_result(self, source: object, info: object, args: list[Any], kwargs: Any) -> NoReturn:  # noqa: ARG002 - Strawberry's signature
        raise UnboundFieldError(f"field `{self.python_name}` is not bound: call `engine.bind` on the schema first")


def batched(
    *,
    name: str | None = None,
    description: str | None = None,
    guard: Guard | None = None,
    metadata: Mapping[Any, Any] | None = None,
    deprecation_reason: str | None = None,
    directives: tuple[object, ...] = (),
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a batched field from a method's signature; the body is `...` and never runs.

    Annotations give the GraphQL type and arguments as in `strawberry.field`. `name` is the GraphQL name where it is not
    the camel-cased method name. `guard` gets the batch's `Info` and returns an exception, which becomes the field's
    error for every parent, or None.
    """

    def declare(signature: Callable[..., Any]) -> BatchedField:
        field = BatchedField(
            graphql_name=name,
            description=description,
            metadata=metadata,
            deprecation_reason=deprecation_reason,
            directives=directives,
        )
        field.guard = guard
        return field(signature)

    return declare
