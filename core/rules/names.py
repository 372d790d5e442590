"""Normal forms of names and e-mails: what is stored beside them so that plain `=` and `<` find and sort them."""

import unicodedata

SORT_NAME_LENGTH_MAX = 256
_NOT_IN_EMAILS = frozenset(' ,;"<>\n\r\t')


def email_key(email: str) -> str:
    """Give the form in which an e-mail is unique within its organization: NFKC, folded case, no blanks around it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email).casefold()).strip()


def is_email(text: str) -> bool:
    """Say whether a text is shaped like an e-mail: something, `@`, a domain with a dot; nothing that separates."""
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain.strip(".")) and not set(text) & _NOT_IN_EMAILS


def sort_name(name: str) -> str:
    """Give the form a name is sorted and searched by: accents dropped, folded case, single blanks."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.split())[:SORT_NAME_LENGTH_MAX]


def search_bounds(text: str) -> tuple[str, str]:
    """Give the half-open range of sort names that begin with `text`, compared byte by byte."""
    low = sort_name(text)
    return low, low + "\U0010ffff"
