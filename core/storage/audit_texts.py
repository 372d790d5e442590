"""Where an audit record holds what somebody wrote in a text: not everybody who reads the log may read that."""

from audit.render import RecordView
from core.rules.enums import ConsentBasis


def text_places(record: RecordView) -> frozenset[str]:
    """Find them, as JSON pointers: a message's body, or the keyword that a consent entry shows."""
    after = record.after or {}
    kept = {"body"}
    if after.get("basis") == ConsentBasis.KEYWORD or "messageId" in after:
        kept.add("evidence")
    return frozenset(each.name for each in record.disclosures if each.name.rpartition("/")[2] in kept)
