-- $1 org_id, $2 location_id
SELECT texting.users.location_id, texting.users.texting, texting.users.signature, count(*) AS alike
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND texting.users.location_id = $2::UUID GROUP BY texting.users.location_id, texting.users.texting, texting.users.signature
