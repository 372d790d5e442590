-- $1 org_id, $2 user_id, $3 page_size
SELECT texting.messages.org_id, texting.messages.id, texting.messages.user_id, texting.messages.conversation_id, texting.messages.direction, texting.messages.from_number, texting.messages.to_number, texting.messages.body_state, texting.messages.status, texting.messages.failure_layer, texting.messages.failure, texting.messages.segments, texting.messages.encoding, texting.messages.created_at, texting.messages.expires_at
FROM texting.messages
WHERE texting.messages.org_id = $1::UUID AND texting.messages.user_id = $2::UUID ORDER BY texting.messages.id DESC
 LIMIT $3::INTEGER
