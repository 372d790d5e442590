-- $1 org_id, $2 location_ids
SELECT texting.locations.id, texting.locations.country AS location_country, texting.locations.pstn_connection_type AS location_pstn_connection_type, texting.locations.texting AS location_texting, texting.locations.texting_locked AS location_texting_locked, texting.locations.texting_set_at AS location_texting_set_at, texting.locations.texting_set_by AS location_texting_set_by, texting.locations.texting_audit_id AS location_texting_audit_id
FROM texting.locations
WHERE texting.locations.org_id = $1::UUID AND texting.locations.id = ANY ($2::UUID[])
