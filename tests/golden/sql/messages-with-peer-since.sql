-- $1 org_id, $2 id_from, $3 created_from, $4 message_peer, $5 page_size
SELECT texting.messages.org_id, texting.messages.id, texting.messages.user_id, texting.messages.conversation_id, texting.messages.direction, texting.messages.from_number, texting.messages.to_number, texting.messages.body_state, texting.messages.status, texting.messages.failure_layer, texting.messages.failure, texting.messages.segments, texting.messages.encoding, texting.messages.created_at, texting.messages.expires_at
FROM texting.messages
WHERE texting.messages.org_id = $1::UUID AND texting.messages.id >= $2::UUID AND texting.messages.created_at >= $3::TIMESTAMP WITH TIME ZONE AND texting.messages.conversation_id IN (SELECT texting.conversations.id
FROM texting.conversations
WHERE texting.conversations.org_id = $1::UUID AND texting.conversations.peer = $4::VARCHAR) ORDER BY texting.messages.id ASC
 LIMIT $5::INTEGER
