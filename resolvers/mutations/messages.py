"""Sending a text."""

from audit.actions import Action
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from resolvers.mutations.asked import Asked, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.message_changes import SendMessageInput

registry = Mutations()


@registry.change("send_message", Action.MESSAGE_SEND)
def send(asked: Asked, input: SendMessageInput) -> Change:
    """Send a text, if every send rule lets it (L4 to L6)."""
    draft = Draft(
        user_id=asked.id("user_id"),
        to=input.to,
        body=input.body,
        media_urls=tuple(or_none(input.media_urls) or ()),
    )
    return Change(action=Action.MESSAGE_SEND, command=lambda tx: send_message(tx, draft))
