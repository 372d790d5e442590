-- $1 org_id, $2 parent
SELECT count(*) AS total
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND texting.users.location_id = $2::UUID
