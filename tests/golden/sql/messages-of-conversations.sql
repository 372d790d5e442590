-- $1 parents, $2 org_id, $3 page_size
SELECT anon_1.at AS parent, page.org_id, page.id, page.user_id, page.conversation_id, page.direction, page.from_number, page.to_number, page.body_state, page.status, page.failure_layer, page.failure, page.segments, page.encoding, page.created_at, page.expires_at
FROM unnest($1::UUID[]) WITH ORDINALITY AS anon_1(id, at) JOIN LATERAL (SELECT texting.messages.org_id AS org_id, texting.messages.id AS id, texting.messages.user_id AS user_id, texting.messages.conversation_id AS conversation_id, texting.messages.direction AS direction, texting.messages.from_number AS from_number, texting.messages.to_number AS to_number, texting.messages.body_state AS body_state, texting.messages.status AS status, texting.messages.failure_layer AS failure_layer, texting.messages.failure AS failure, texting.messages.segments AS segments, texting.messages.encoding AS encoding, texting.messages.created_at AS created_at, texting.messages.expires_at AS expires_at
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.conversation_id = anon_1.id ORDER BY texting.messages.id DESC
 LIMIT $3::INTEGER) AS page ON true
