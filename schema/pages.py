"""Pages of a list: Relay's connections, and the arguments that choose a page."""

from typing import Annotated, Generic, TypeVar

import strawberry

from schema.access import EVERYONE, readable

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(description="How many from the start, 1 to 100; 50 when neither `first` nor `last` is given."),
]
After = Annotated[
    str | None, strawberry.argument(description="Start behind this cursor, the `endCursor` of the page before.")
]
Last = Annotated[
    int | None, strawberry.argument(description="How many from the end, 1 to 100; never together with `first`.")
]
Before = Annotated[
    str | None, strawberry.argument(description="End before this cursor, the `startCursor` of the page behind.")
]


@strawberry.type(description="Where a page stands in its list.")
@readable(EVERYONE, rows="as the list")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = strawberry.field(description="Whether more objects follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether objects come before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first object; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last object; null on an empty page.")


@strawberry.type(description="One place in a list.")
@readable(EVERYONE, rows="as the object")
class Edge(Generic[T]):
    """One place in a list: named after what stands there, such as `UserEdge`."""

    cursor: str = strawberry.field(description="The place itself: give it as `after` or `before`. Opaque.")
    node: T | None = strawberry.field(description="The object at this place.")


@strawberry.type(description="One page of a list. Objects the caller may not see are not in the list.")
@readable(EVERYONE, rows="as the objects; empty for roles that may not read their type")
class Connection(Generic[T]):
    """One page of a list: named after what it lists, such as `UserConnection`."""

    edges: list[Edge[T] | None] | None = strawberry.field(description="The objects of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    total_count: int | None = strawberry.field(
        description="How many objects the whole list has; counted only when selected, null where it is not known."
    )
