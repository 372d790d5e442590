-- $1 parents, $2 org_id, $3 page_size
SELECT anon_1.at AS parent, page.org_id, page.id, page.location_id, page.display_name, page.sort_name, page.email, page.status, page.app_version, page.app_version_seen_at, page.texting, page.version, page.created_at
FROM unnest($1::UUID[]) WITH ORDINALITY AS anon_1(id, at) JOIN LATERAL (SELECT texting.users.org_id AS org_id, texting.users.id AS id, texting.users.location_id AS location_id, texting.users.display_name AS display_name, texting.users.sort_name AS sort_name, texting.users.email AS email, texting.users.status AS status, texting.users.app_version AS app_version, texting.users.app_version_seen_at AS app_version_seen_at, texting.users.texting AS texting, texting.users.version AS version, texting.users.created_at AS created_at
FROM texting.users
WHERE texting.users.org_id = $2::UUID AND texting.users.location_id = anon_1.id ORDER BY texting.users.sort_name ASC, texting.users.id ASC
 LIMIT $3::INTEGER) AS page ON true
