-- $1 org_id, $2 key
SELECT texting.users.org_id, texting.users.id, texting.users.location_id, texting.users.display_name, texting.users.sort_name, texting.users.email, texting.users.status, texting.users.app_version, texting.users.app_version_seen_at, texting.users.texting, texting.users.version, texting.users.created_at
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND texting.users.id = $2::UUID
