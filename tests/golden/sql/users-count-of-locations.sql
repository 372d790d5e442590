-- $1 parents, $2 org_id
SELECT anon_1.id AS parent_id, counted.total
FROM unnest($1::UUID[]) AS anon_1(id) JOIN LATERAL (SELECT count(*) AS total
FROM texting.users
WHERE texting.users.org_id = $2::UUID AND texting.users.location_id = anon_1.id) AS counted ON true
