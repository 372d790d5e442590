-- $1 parents, $2 org_id, $3 page_size
SELECT anon_1.at AS parent, page.org_id, page.id, page.user_id, page.peer, page.last_message_id
FROM unnest($1::UUID[]) WITH ORDINALITY AS anon_1(id, at) JOIN LATERAL (SELECT texting.conversations.org_id AS org_id, texting.conversations.id AS id, texting.conversations.user_id AS user_id, texting.conversations.peer AS peer, texting.conversations.last_message_id AS last_message_id
FROM texting.conversations
WHERE texting.conversations.org_id = $2::UUID AND texting.conversations.user_id = anon_1.id ORDER BY texting.conversations.last_message_id DESC
 LIMIT $3::INTEGER) AS page ON true
