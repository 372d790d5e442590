-- $1 org_id, $2 name_from, $3 name_to, $4 email_from, $5 email_to, $6 page_size
SELECT texting.users.org_id, texting.users.id, texting.users.location_id, texting.users.display_name, texting.users.sort_name, texting.users.email, texting.users.status, texting.users.app_version, texting.users.app_version_seen_at, texting.users.texting, texting.users.version, texting.users.created_at
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND (texting.users.sort_name >= $2::VARCHAR AND texting.users.sort_name < $3::VARCHAR OR texting.users.email_key >= $4::VARCHAR AND texting.users.email_key < $5::VARCHAR) ORDER BY texting.users.sort_name ASC, texting.users.id ASC
 LIMIT $6::INTEGER
