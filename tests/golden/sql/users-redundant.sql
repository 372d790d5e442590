-- $1 org_id, $2 page_size
SELECT texting.users.org_id, texting.users.id, texting.users.location_id, texting.users.display_name, texting.users.sort_name, texting.users.email, texting.users.status, texting.users.app_version, texting.users.app_version_seen_at, texting.users.texting, texting.users.version, texting.users.created_at
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND texting.users.texting != 'INHERIT' AND texting.users.texting = CASE WHEN ((SELECT texting.orgs.texting_locked
FROM texting.orgs
WHERE texting.orgs.org_id = texting.users.org_id) OR (SELECT texting.locations.texting
FROM texting.locations
WHERE texting.locations.org_id = texting.users.org_id AND texting.locations.id = texting.users.location_id) = 'INHERIT') THEN CASE WHEN (SELECT texting.orgs.texting_enabled
FROM texting.orgs
WHERE texting.orgs.org_id = texting.users.org_id) THEN 'ON' ELSE 'OFF' END ELSE (SELECT texting.locations.texting
FROM texting.locations
WHERE texting.locations.org_id = texting.users.org_id AND texting.locations.id = texting.users.location_id) END ORDER BY texting.users.id ASC
 LIMIT $2::INTEGER
