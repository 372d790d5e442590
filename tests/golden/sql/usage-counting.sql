-- $1 recipient, $2 org_id, $3 floor_0, $4 before, $5 user_id, $6 floor_1, $7 sender, $8 floor_2, $9 floor_3, $10 floor_4, $11 campaign_id, $12 floor_5
SELECT window_0.used AS used_0, window_0.known AS known_0, window_1.used AS used_1, window_1.known AS known_1, window_2.used AS used_2, window_2.known AS known_2, window_3.used AS used_3, window_3.known AS known_3, window_4.used AS used_4, window_4.known AS known_4, window_5.used AS used_5, window_5.known AS known_5
FROM (SELECT count(*) AS used, coalesce(bool_or(texting.messages.to_number = $1::VARCHAR), false) AS known
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.id >= $3::UUID AND texting.messages.id < $4::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED')) AND texting.messages.user_id = $5::UUID) AS window_0, (SELECT count(*) AS used, coalesce(bool_or(texting.messages.to_number = $1::VARCHAR), false) AS known
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.id >= $6::UUID AND texting.messages.id < $4::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED')) AND texting.messages.from_number = $7::VARCHAR) AS window_1, (SELECT count(*) AS used, coalesce(bool_or(texting.messages.to_number = $1::VARCHAR), false) AS known
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.id >= $8::UUID AND texting.messages.id < $4::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED')) AND texting.messages.user_id = $5::UUID) AS window_2, (SELECT count(DISTINCT texting.messages.to_number) AS used, coalesce(bool_or(texting.messages.to_number = $1::VARCHAR), false) AS known
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.id >= $9::UUID AND texting.messages.id < $4::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED')) AND texting.messages.user_id = $5::UUID) AS window_3, (SELECT coalesce(sum(texting.messages.segments), 0) AS used, coalesce(bool_or(texting.messages.to_number = $1::VARCHAR), false) AS known
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.id >= $10::UUID AND texting.messages.id < $4::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED')) AND texting.messages.campaign_id = $11::UUID) AS window_4, (SELECT coalesce(sum(texting.messages.segments), 0) AS used, coalesce(bool_or(texting.messages.to_number = $1::VARCHAR), false) AS known
FROM texting.messages
WHERE texting.messages.org_id = $2::UUID AND texting.messages.id >= $12::UUID AND texting.messages.id < $4::UUID AND texting.messages.direction = 'OUTBOUND' AND (texting.messages.status NOT IN ('BLOCKED', 'CANCELED', 'EXPIRED'))) AS window_5
