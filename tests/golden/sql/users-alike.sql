-- $1 org_id, $2 alike_locations, $3 alike_modes, $4 alike_signatures, $5 after_0, $6 page_size
SELECT texting.users.org_id, texting.users.id, texting.users.location_id, texting.users.display_name, texting.users.sort_name, texting.users.email, texting.users.status, texting.users.app_version, texting.users.app_version_seen_at, texting.users.texting, texting.users.version, texting.users.created_at
FROM texting.users
WHERE texting.users.org_id = $1::UUID AND (texting.users.location_id, texting.users.texting, texting.users.signature) IN (SELECT anon_1.location_id, anon_1.mode, anon_1.signature
FROM unnest($2::UUID[], $3::TEXT[], $4::TEXT[]) AS anon_1(location_id, mode, signature)) AND texting.users.id > $5::UUID ORDER BY texting.users.id ASC
 LIMIT $6::INTEGER
