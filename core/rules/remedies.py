"""What would make a rule pass, and who does it."""

from collections.abc import Mapping

from core.rules.eligibility import UNRECORDED
from core.rules.eligibility_remedies import ELIGIBILITY_REMEDIES
from core.rules.enums import RemediationKind, RuleStatus
from core.rules.remedy import Remedy, SubjectIds, line
from core.rules.results import Remediation, RuleResult
from core.rules.send_remedies import SEND_REMEDIES

__all__ = ["REMEDIES", "WITHHELD", "Remedy", "SubjectIds", "neutral_remedy", "remedy"]

REMEDIES: Mapping[str, Remedy] = {**ELIGIBILITY_REMEDIES, **SEND_REMEDIES}
"""By the id of the message that says the rule does not hold."""


WITHHELD = "WITHHELD.fix"
"""The message of a remediation that says nothing of what was found."""


def neutral_remedy(rule_id: str, status: RuleStatus) -> Remedy:
    """Give who can do something about a rule with this status, whatever it found."""
    wanted = f"{rule_id}.{status}"
    found = next((each for id, each in REMEDIES.items() if id == wanted or id.startswith(f"{wanted}.")), _PAST)
    return Remedy(kind=found.kind, owner=found.owner, message_id=WITHHELD)


def remedy(result: RuleResult, ids: SubjectIds) -> Remediation | None:
    """Give what would make the rule pass; `None` where nothing needs to be done (PASS, WARN, NOT_APPLICABLE)."""
    if result.status in _NOTHING_TO_DO:
        return None
    chosen = _PAST if result.message_id == UNRECORDED else REMEDIES[result.message_id]
    variables = chosen.variables(ids) if chosen.variables is not None else None
    return Remediation(
        rule_id=result.rule_id,
        kind=chosen.kind,
        owner=chosen.owner,
        message_id=chosen.message_id,
        params=result.params,
        mutation=chosen.mutation if variables is not None else None,
        variables=variables,
    )


_PAST = line(RemediationKind.NOT_FIXABLE, None, UNRECORDED)
_NOTHING_TO_DO = frozenset({RuleStatus.PASS, RuleStatus.WARN, RuleStatus.NOT_APPLICABLE})
