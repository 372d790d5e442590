-- $1 org_id, $2 ids
SELECT texting.messages.id, texting.messages.decision
FROM texting.messages
WHERE texting.messages.org_id = $1::UUID AND texting.messages.id = ANY ($2::UUID[]) AND texting.messages.decision IS NOT NULL
