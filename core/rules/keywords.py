"""Keywords of consent: a whole message that is one of the lists' words."""

import unicodedata
from dataclasses import dataclass

from core.rules.enums import Keyword

_LONGEST_KEYWORD_MESSAGE = 1_600
"""Characters of a message that is looked at: as many as a text has at most, whatever follows the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordLists:
    """The words of each kind, written as `normalised` gives them. A word is in one list only."""

    opt_out: tuple[str, ...]
    opt_in: tuple[str, ...]
    help: tuple[str, ...]


DEFAULT_KEYWORDS = KeywordLists(
    opt_out=(
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
        "opt out",
        "arret",
    ),
    opt_in=("start", "unstop", "yes"),
    help=("help", "info", "aide"),
)
"""47 CFR 64.1200(a)(10), the carriers' usual additions, and the French of Canada."""


def recognise(body: str, lists: KeywordLists = DEFAULT_KEYWORDS) -> Keyword | None:
    """Name what the message asks for when, as a whole, it is a keyword; `STOP 12345` is none."""
    if len(body) > _LONGEST_KEYWORD_MESSAGE:
        return None
    word = normalised(body)
    if word in lists.opt_out:
        return Keyword.OPT_OUT
    if word in lists.opt_in:
        return Keyword.OPT_IN
    return Keyword.HELP if word in lists.help else None


def normalised(body: str) -> str:
    """Fold width (NFKC), accents and case; drop trailing punctuation and invisible characters; blanks become one."""
    decomposed = unicodedata.normalize("NFKD", body)
    kept = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Cf"))
    words = kept.casefold().split()
    end = len(text := " ".join(words))
    while end and (text[end - 1].isspace() or unicodedata.category(text[end - 1]).startswith("P")):
        end -= 1
    return text[:end]
