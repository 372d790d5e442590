-- $1 org_id
SELECT texting.campaigns.id, texting.campaigns.status
FROM texting.campaigns
WHERE texting.campaigns.org_id = $1::UUID ORDER BY texting.campaigns.id
