-- $1 org_id, $2 user_id, $3 recipient
SELECT 1 AS has_written
FROM texting.conversations JOIN texting.messages ON texting.messages.org_id = texting.conversations.org_id AND texting.messages.conversation_id = texting.conversations.id
WHERE texting.conversations.org_id = $1::UUID AND texting.conversations.user_id = $2::UUID AND texting.conversations.peer = $3::VARCHAR AND texting.messages.direction = 'INBOUND'
 LIMIT 1
