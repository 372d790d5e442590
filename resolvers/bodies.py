"""Who may read what was written: one's own texts, and for compliance officers anybody's, which is recorded."""

from collections.abc import Iterable
from uuid import UUID

from core.commands.body_reads import BodyRead
from resolvers import visibility
from resolvers.context import RequestContext


def may_read(context: RequestContext, user_id: UUID | None) -> bool:
    """Whether the caller may read the texts of a user; `None`: of nobody in particular."""
    return is_own(context, user_id) or visibility.reads_bodies_of_others(context)


def is_own(context: RequestContext, user_id: UUID | None) -> bool:
    """Whether that user is the caller."""
    return user_id is not None and user_id == visibility.own_user(context)


def note(context: RequestContext, type_name: str, id: UUID, about: Iterable[UUID] = ()) -> None:
    """Remember that somebody else's text is answered, by the object that holds it."""
    context.note_read(BodyRead(type=type_name, id=id, about=tuple(about)))
