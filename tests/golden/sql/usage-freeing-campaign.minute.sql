-- $1 org_id, $2 floor_0, $3 before, $4 campaign_id, $5 surplus
SELECT leaving.id
FROM (SELECT counted.id AS id, sum(counted.cost) OVER (ORDER BY counted.id) AS freed
FROM (SELECT texting.messages.id AS id, texting.messages.segments AS cost
FROM texting.messages
WHERE texting.messages.org_id = $1::UUID AND texting.messages.id >= $2::UUID AND texting.messages.id < $3::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED')) AND texting.messages.campaign_id = $4::UUID) AS counted) AS leaving
WHERE leaving.freed >= $5::INTEGER ORDER BY leaving.id
 LIMIT 1
