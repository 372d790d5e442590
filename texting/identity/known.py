"""Tokens that were found good, kept for a while so that a request need not verify them again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from core.principal import Principal

TOKENS_KEPT = 10_000


@dataclass(slots=True, kw_only=True)
class Known:
    """A good token's caller. `checked_at`: when it was last seen to stand."""

    principal: Principal
    expires_at: datetime
    checked_at: datetime


class KnownTokens:
    """At most so many tokens; the one that was kept longest ago goes first."""

    def __init__(self, most: int = TOKENS_KEPT) -> None:
        """Know none yet."""
        self._most = most
        self._known: OrderedDict[str, Known] = OrderedDict()

    def get(self, token: str) -> Known | None:
        """Give what is known of a token."""
        return self._known.get(token)

    def keep(self, token: str, known: Known) -> None:
        """Keep a token, as the newest."""
        self._known[token] = known
        self._known.move_to_end(token)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def drop(self, token: str) -> None:
        """Forget a token that does not stand any more."""
        self._known.pop(token, None)
