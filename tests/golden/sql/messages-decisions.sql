-- $1 org_id, $2 ids
SELECT texting.messages.id, texting.messages.user_id, texting.messages.decision, coalesce((SELECT min(texting.message_events.occurred_at) AS min_1
FROM texting.message_events
WHERE texting.message_events.org_id = texting.messages.org_id AND texting.message_events.message_id = texting.messages.id AND texting.message_events.status = 'BLOCKED'), texting.messages.created_at) AS at
FROM texting.messages
WHERE texting.messages.org_id = $1::UUID AND texting.messages.id = ANY ($2::UUID[]) AND texting.messages.decision IS NOT NULL
