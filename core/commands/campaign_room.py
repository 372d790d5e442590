"""Whether campaigns can take numbers: each must be there, not over, and within its limit of numbers (P6)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.commands.problems import Path, Problems
from core.commands.refusals import not_found
from core.commands.transaction import Transaction
from core.commands.writes import lock
from core.rules.enums import CampaignStatus
from core.rules.states import CAMPAIGN, OCCUPYING, is_terminal
from core.storage.rows import CampaignRow
from core.storage.tables import Campaigns

_TAKEN = """
SELECT campaign_id, count(*) AS taken FROM texting.phone_numbers
WHERE org_id = $1 AND campaign_id = ANY ($2::uuid[]) AND assignment_status = ANY ($3::text[])
GROUP BY campaign_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A number that shall be of a campaign. `path`: where the input names the campaign."""

    path: Path
    campaign_id: UUID


async def refuse_without_room(tx: Transaction, problems: Problems, joining: Sequence[Joining]) -> None:
    """Note each number that its campaign cannot take; the campaigns stay locked, so that rivals count after us."""
    ids = {each.campaign_id for each in joining}
    if not ids:
        return
    campaigns = await lock(tx.connection, Campaigns, tx.org_id, ids, CampaignRow)
    taken = await taken_by(tx, ids)
    limit = tx.policy.campaign_numbers_max.value
    wanted = Counter(taken)
    for each in joining:
        campaign = campaigns.get(each.campaign_id)
        if campaign is None:
            raise not_found("campaignId", tx.global_id("Campaign", each.campaign_id))
        wanted[each.campaign_id] += 1
        if is_terminal(CAMPAIGN, CampaignStatus(campaign.status)):
            problems.add(
                each.path, "CAMPAIGN_OVER", f"the campaign is `{campaign.status}`, which is final: choose another one"
            )
        elif wanted[each.campaign_id] > limit:
            problems.add(
                each.path,
                "CAMPAIGN_FULL",
                f"the campaign has `{taken.get(each.campaign_id, 0)}` numbers and takes at most {limit}: "
                "end an assignment, or choose another campaign",
            )


async def taken_by(tx: Transaction, campaign_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the numbers of campaigns; one without any is left out."""
    rows = await tx.connection.fetch(_TAKEN, tx.org_id, list(campaign_ids), list(OCCUPYING))
    return {row["campaign_id"]: row["taken"] for row in rows}
