-- $1 org_id, $2 status
SELECT count(*) AS total
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND texting.users.status = $2::VARCHAR
