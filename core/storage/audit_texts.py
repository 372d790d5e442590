"""Where an audit record holds what somebody wrote in a text: not everybody who reads the log may read that."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit.render import RecordView
from core.rules.enums import ConsentBasis

_BODY, _EVIDENCE = "/body", "/evidence"


def text_places(record: RecordView) -> frozenset[str]:
    """Find them, as JSON pointers: a message's body, or the keyword that a consent entry shows."""
    return texts_among((each.name for each in record.disclosures), record.after)


def texts_among(names: Iterable[str], after: Mapping[str, Any] | None) -> frozenset[str]:
    """Find them among the places of a record that tells how things became."""
    found = [name for name in names if name.endswith((_BODY, _EVIDENCE))]
    if not found:
        return frozenset()
    after = after or {}
    is_said = after.get("basis") == ConsentBasis.KEYWORD or "messageId" in after
    return frozenset(name for name in found if is_said or name.endswith(_BODY))
