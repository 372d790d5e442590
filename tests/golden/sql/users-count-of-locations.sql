-- $1 parents, $2 org_id
SELECT anon_1.at AS parent, counted.total
FROM unnest($1::UUID[]) WITH ORDINALITY AS anon_1(id, at) JOIN LATERAL (SELECT count(*) AS total
FROM texting.users
WHERE texting.users.org_id = $2::UUID AND texting.users.location_id = anon_1.id) AS counted ON true
